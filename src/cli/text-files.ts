import { readFile, writeFile } from 'node:fs/promises';
import { UserError } from '../api/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
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
    throw new UserError({ source: file, problem: `cannot read ${what}: ${reasonOf(cause)}`, cause });
  }
}

/**
 * Writes a file that the user named.
 *
 * @param what - What it holds, for people: "the report".
 * @throws {UserError} where it cannot be written
 */
export async function writeText(file: string, what: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new UserError({ source: file, problem: `cannot write ${what}: ${reasonOf(cause)}`, cause });
  }
}

function reasonOf(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException; // what fs rejects with
  return REASONS[code] ?? message;
}
