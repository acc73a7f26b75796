/** An entry that is there. Of one array type only, which keeps inner loops fast. */
export function float(array: Float64Array, index: number): number {
  return array[index] ?? NaN;
}

/** Likewise. */
export function int(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
