import Type, { type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { UserError } from '../../../api/errors.ts';

/** A file of another tool. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** What the user knows and the files do not say. */
export interface ImportOptions {
  /** Device measured, by the catalogue's name. */
  readonly device?: string;
  /** Of the samples; needed where a file holds several lengths. */
  readonly sequenceLength?: number;
}

/**
 * The JSON of a file.
 *
 * @param expected - What it should hold, for people: "Hetu-Galvatron's overlap coefficient".
 * @throws UserError where it is not JSON, or not of the schema's form.
 */
export function contentOf<T extends TSchema>(schema: T, { file, text }: SourceFile, expected: string): Static<T> {
  const value = parse(file, text);
  if (Value.Check(schema, value)) {
    return value;
  }
  const [error] = Value.Errors(schema, value);
  const place = error === undefined || error.instancePath === '' ? '' : `${error.instancePath.slice(1)}: `;
  const problem = `${place}${error?.message ?? 'not of the right form'}`;
  throw new UserError({ source: file, problem, remedy: `give ${expected}` });
}

const Numbers = Type.Record(Type.String(), Type.Number({ minimum: 0 }), { minProperties: 1 });

/**
 * The entries of a flat file of numbers whose keys a pattern takes apart.
 *
 * @returns the groups of the pattern and the number of each; entries with other keys are left out
 * @throws UserError where no key fits
 */
export function numbersIn(
  source: SourceFile,
  pattern: RegExp,
  expected: string,
): readonly { readonly groups: readonly string[]; readonly value: number }[] {
  const entries = Object.entries(contentOf(Numbers, source, expected)).flatMap(([key, value]) => {
    const match = pattern.exec(key);
    return match === null ? [] : [{ groups: match.slice(1), value }];
  });
  if (entries.length === 0) {
    throw new UserError({ source: source.file, problem: 'holds no entry that is known', remedy: `give ${expected}` });
  }
  return entries;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError({ source: file, problem: `not JSON: ${String(cause)}`, cause });
  }
}
