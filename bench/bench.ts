/**
 * `npm run bench`: measures what planning takes, beside other planners, and writes it to docs/benchmarks.md with its plots.
 * `npm run bench -- paper scip` measures only these parts and keeps what is known of the others.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { isPart, PARTS } from './parts.ts';
import { plots } from './plots.ts';
import { readResults, writeResults } from './results.ts';
import { tables, updateDocument } from './tables.ts';

const FOLDER = new URL('../docs/benchmarks/', import.meta.url);

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isPart(name));
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}; known are ${Object.keys(PARTS).join(', ')}`);
  process.exit(1);
}

await mkdir(FOLDER, { recursive: true });
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`${name} (${availableParallelism()} cores)`);
  for await (const found of measure()) {
    await writeResults({ ...(await readResults()), ...found });
  }
}

const results = await readResults();
for (const [name, svg] of plots(results)) {
  await writeFile(new URL(`${name}.svg`, FOLDER), svg);
}
const written = tables(results);
await updateDocument(written);
console.log([...written].map(([name, table]) => `## ${name}\n\n${table}\n`).join('\n'));
