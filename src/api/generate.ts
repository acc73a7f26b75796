/** `npm run generate` writes what is made from the schemas; `-- --check` fails where it is out of date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { generatedFiles } from './generated-files.ts';

const ROOT = path.join(import.meta.dirname, '../..');

async function isUpToDate(file: string, text: string): Promise<boolean> {
  const present = await readFile(path.join(ROOT, file), 'utf8').catch(() => null);
  return present === text;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
  await writeFile(path.join(ROOT, file), text);
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
for (const [file, text] of generatedFiles()) {
  if (await isUpToDate(file, text)) continue;
  if (values.check) {
    console.error(`${file} is out of date: npm run generate`);
    process.exitCode = 1;
  } else {
    await write(file, text);
    console.log(`wrote ${file}`);
  }
}
