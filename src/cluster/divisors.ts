/** Divisors of a positive whole number, largest first. */
export function divisorsDescending(number: number): readonly number[] {
  const small = Array.from({ length: Math.floor(Math.sqrt(number)) }, (_, index) => index + 1).filter(
    (divisor) => number % divisor === 0,
  );
  return [...new Set([...small, ...small.map((divisor) => number / divisor)])].sort((one, other) => other - one);
}
