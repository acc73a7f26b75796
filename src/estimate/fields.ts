/** Fields of a run as people publish them: anything may be missing, and words stand for numbers now and then. */
import { UserError } from '../api/errors.ts';

export type Row = Readonly<Record<string, unknown>>;

/** @throws {UserError} where it is no object */
export function asRow(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError({ problem: `a run is an object, not ${JSON.stringify(value)}` });
  }
  return { ...value };
}

/** Null where the field says nothing. */
export function textField(row: Row, field: string): string | null {
  const value = row[field];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/**
 * A positive number, also written as text; null where the field says nothing.
 *
 * @throws {UserError} where it is something else
 */
export function positiveField(row: Row, field: string): number | null {
  const value = row[field] ?? null;
  if (value === null) return null;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0 && number < Infinity)) {
    throw new UserError({
      field,
      problem: `${JSON.stringify(value)} is not a positive number`,
      remedy: 'use null where it is not known',
    });
  }
  return number;
}

/** More than any run has: it bounds what is worked out for a slip of the pen. */
const MOST = 2 ** 24;

/** As {@link positiveField}, but a whole number. */
export function countField(row: Row, field: string, most = MOST): number | null {
  const number = positiveField(row, field);
  if (number !== null && number > most) {
    throw new UserError({ field, problem: `${number} is more than ${most}` });
  }
  if (number !== null && !Number.isInteger(number)) {
    throw new UserError({
      field,
      problem: `${number} is not a whole number`,
      remedy: 'use null where it is not known',
    });
  }
  return number;
}

/** @throws {UserError} where the field says nothing */
export function required(row: Row, field: string, most = MOST): number {
  const number = countField(row, field, most);
  if (number === null) {
    throw new UserError({ field, problem: 'not given', remedy: 'a run cannot be priced without it' });
  }
  return number;
}

const NO = new Set(['', 'false', 'no', 'none', 'off', '0']);

/** True for any word but a negative one (`flash_attention: "v2"`); null where the field says nothing. */
export function flagField(row: Row, field: string): boolean | null {
  const value = row[field] ?? null;
  if (value === null || typeof value === 'boolean') return value;
  return typeof value === 'string' ? !NO.has(value.trim().toLowerCase()) : value !== 0;
}
