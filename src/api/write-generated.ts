/** Writes generated files; with `--check`, fails instead where one is out of date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '../..');

async function isUpToDate(file: string, text: string): Promise<boolean> {
  const present = await readFile(path.join(ROOT, file), 'utf8').catch(() => null);
  return present === text;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
  await writeFile(path.join(ROOT, file), text);
}

/**
 * Does what the command line of this process asks for.
 *
 * @param files - Path from the root of the repository and text of each.
 */
export async function writeOrCheck(files: ReadonlyMap<string, string>): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  for (const [file, text] of files) {
    if (await isUpToDate(file, text)) continue;
    if (values.check) {
      console.error(`${file} is out of date: npm run generate`);
      process.exitCode = 1;
    } else {
      await write(file, text);
      console.log(`wrote ${file}`);
    }
  }
}
