import { readFile } from 'node:fs/promises';
import { UserError } from '../api/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/**
 * The text of a file that the user named.
 *
 * @param what - What it should hold, for people: "the nodes".
 * @throws {UserError} where it cannot be read
 */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException; // what fs rejects with
    throw new UserError({ source: file, problem: `cannot read ${what}: ${REASONS[code] ?? message}`, cause });
  }
}
