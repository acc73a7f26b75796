/**
 * `npm run bench:accuracy`: estimates published runs from the catalogue alone, and writes the table by source into
 * docs/accuracy.md, with its plot. `npm run bench:accuracy -- FILE` prints the table of other runs of the same form.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { outcomesOf, type MeasuredRun } from './outcomes.ts';
import { accuracyPlot } from './plot.ts';
import { summaries } from './summary.ts';
import { accuracyTable } from './table.ts';

const RUNS = new URL('runs.json', import.meta.url);
const DOCUMENT = new URL('../../docs/accuracy.md', import.meta.url);
const PLOTS = new URL('../../docs/accuracy/', import.meta.url);
const [BEGIN, END] = ['<!-- accuracy -->', '<!-- /accuracy -->'];

const [file] = process.argv.slice(2);
// The form is that of the file beside this one; estimates check what they read of it.
const runs = JSON.parse(await readFile(file ?? RUNS, 'utf8')) as readonly MeasuredRun[];
const outcomes = outcomesOf(runs);
const table = accuracyTable(summaries(outcomes));
console.log(table);

if (file === undefined) {
  await mkdir(PLOTS, { recursive: true });
  await writeFile(new URL('step-times.svg', PLOTS), accuracyPlot(outcomes));
  const document = await readFile(DOCUMENT, 'utf8');
  const [before = '', rest = ''] = document.split(BEGIN);
  const [, after = ''] = rest.split(END);
  await writeFile(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}
