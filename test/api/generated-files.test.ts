import { readFile } from 'node:fs/promises';
import test from 'ava';
import { generatedFiles } from '../../src/api/generated-files.ts';

for (const [file, text] of generatedFiles()) {
  test(`${file} is up to date: npm run generate`, async (t) => {
    t.is(await readFile(file, 'utf8'), text);
  });
}

test('generates the same text again', (t) => {
  t.deepEqual([...generatedFiles()], [...generatedFiles()]);
});
