import { divisorsDescending } from '../cluster/divisors.ts';

/** Of a positive whole number, ascending. */
export function divisors(number: number): readonly number[] {
  return divisorsDescending(number).toReversed();
}

export function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
