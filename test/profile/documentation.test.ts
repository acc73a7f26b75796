import { readFile } from 'node:fs/promises';
import test from 'ava';
import { DEVICES } from '../../src/profile/devices.ts';
import { NODE_LINKS } from '../../src/profile/links.ts';

const document = await readFile(new URL('../../docs/devices.md', import.meta.url), 'utf8');

for (const { name, memoryBytes, flopsPerSecond, memoryBytesPerSecond, source } of DEVICES) {
  test(`docs/devices.md has ${name} as the catalogue has it`, (t) => {
    const row = document.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
    const cells = row.split('|').map((cell) => cell.trim().replaceAll(',', ''));
    t.true(cells.includes(String(Math.round(memoryBytes / 2 ** 20))));
    t.true(cells.includes(String(flopsPerSecond.BF16 / 1e12)));
    t.true(cells.includes(String(memoryBytesPerSecond / 1e9)));
    t.true(row.includes(source));
  });
}

test('docs/devices.md has every link', (t) => {
  for (const { name } of Object.values(NODE_LINKS)) {
    t.true(document.includes(`| ${name} |`));
  }
});
