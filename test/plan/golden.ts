import type { ExecutionContext } from 'ava';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Compares text with a reviewed file in golden/, which `UPDATE_GOLDEN=1 npm run ava -- 'test/plan/**'` writes anew.
 *
 * @param folder - that golden/ is in.
 */
export async function matchesGolden(
  t: ExecutionContext,
  name: string,
  text: string,
  folder = import.meta.dirname,
): Promise<void> {
  const file = join(folder, 'golden', name);
  if (process.env.UPDATE_GOLDEN !== undefined) await writeFile(file, text);
  t.is(text, await readFile(file, 'utf8'));
}
