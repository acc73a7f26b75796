import { InvalidArgumentError } from 'commander';

/** The value of an option. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < Infinity)) {
    throw new InvalidArgumentError('give a number, 0 or more');
  }
  return value;
}
