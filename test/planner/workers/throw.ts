/** A worker whose solver breaks down. */
export default function solve(): never {
  throw new Error('WebAssembly ran out of memory');
}
