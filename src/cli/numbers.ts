import { InvalidArgumentError } from 'commander';

/** The value of an option. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < Infinity)) {
    throw new InvalidArgumentError('give a number, 0 or more');
  }
  return value;
}

/** The value of an option that is a share of something. */
export function shareBelowOne(text: string): number {
  const value = nonNegativeNumber(text);
  if (value >= 1) {
    throw new InvalidArgumentError('give a number from 0 to below 1');
  }
  return value;
}
