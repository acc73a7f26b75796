/**
 * `npm run bench:local`: measures profiles on this machine's cores, trains under given layouts, predicts their steps from the
 * profiles, and writes tables and plot into docs/accuracy.md, and what was measured into measured.json. Needs the runtime's
 * environment (`make runtime-test` sets it up) and takes about 5 minutes; on a machine that does something else as well, the
 * figures are those of that. `npm run bench:local -- --kept` predicts what is in measured.json once more.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { CASES } from './cases.ts';
import { measure, type Measured } from './measure.ts';
import { outcomesOf } from './outcomes.ts';
import { localPlot } from './plot.ts';
import { percent, planTable, summaryTable } from './table.ts';

const DOCUMENT = new URL('../../docs/accuracy.md', import.meta.url);
const MEASURED = new URL('measured.json', import.meta.url);
const PLOTS = new URL('../../docs/accuracy/', import.meta.url);
const [BEGIN, END] = ['<!-- local -->', '<!-- /local -->'];

const { machine, results } = process.argv.includes('--kept') ? await kept() : await measureAnew();
const outcomes = results.flatMap(outcomesOf);
const section = [machine, summaryTable(outcomes), planTable(outcomes)].join('\n\n');
console.log(section);

await mkdir(PLOTS, { recursive: true });
await writeFile(new URL('local.svg', PLOTS), localPlot(outcomes));
const document = await readFile(DOCUMENT, 'utf8');
const [before = '', rest = ''] = document.split(BEGIN);
const [, after = ''] = rest.split(END);
await writeFile(DOCUMENT, `${before}${BEGIN}\n\n${section}\n\n${END}${after}`);

interface Kept {
  /** What was measured on, and beside what, in a sentence for people. */
  readonly machine: string;
  readonly results: readonly Measured[];
}

async function kept(): Promise<Kept> {
  // The form is that of what is written below.
  return JSON.parse(await readFile(MEASURED, 'utf8')) as Kept;
}

async function measureAnew(): Promise<Kept> {
  const results = await measure(CASES);
  const machine =
    `${cpus().length} cores of ${cpus()[0]?.model ?? 'a CPU'}, ${new Date().toISOString().slice(0, 10)}. ` +
    `Other programs took ${percent(Math.max(...results.map(({ othersShare }) => othersShare)))} of their time at most.`;
  await writeFile(MEASURED, `${JSON.stringify({ machine, results })}\n`);
  return { machine, results };
}
