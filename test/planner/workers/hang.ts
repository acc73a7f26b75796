/** A worker that never answers and never yields. */
export default function solve(): never {
  for (;;) {
    // On purpose.
  }
}
