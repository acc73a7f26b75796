import { InternalError } from '../api/errors.ts';

/** `items[index]`, which must exist. Throws {@link InternalError} where it does not. */
export function at<T>(items: ArrayLike<T>, index: number): T {
  const item = items[index];
  if (item === undefined) {
    throw new InternalError(`index ${index} outside 0..${items.length - 1}`);
  }
  return item;
}

/** The numbers `from`, …, `to − 1`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset);
}

/** The sum of `items`, from the first to the last. */
export function sum(items: readonly number[]): number {
  return items.reduce((total, item) => total + item, 0);
}
