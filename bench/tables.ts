/** Results as tables in Markdown, and their places in the document. */
import { readFile, writeFile } from 'node:fs/promises';
import { plotName } from './plots.ts';
import type { Ablation, Growth, MeasuredCase, Results, Unlike } from './results.ts';
import type { GalvatronComparison } from './peers/compare-galvatron.ts';
import type { ScipComparison } from './peers/compare-scip.ts';

const DOCUMENT = new URL('../docs/benchmarks.md', import.meta.url);
const MEBIBYTE = 2 ** 20;

/** The tables of what was measured, by part. */
export function tables(results: Results): ReadonlyMap<string, string> {
  const { paper, large, ablations, growth, unlike, galvatron, scip } = results;
  const known: readonly (readonly [string, string | undefined])[] = [
    ['paper', paper && casesTable(paper)],
    ['large', large && casesTable(large)],
    ['ablations', ablations && ablationsTable(ablations)],
    ['growth', growth && `${images(growth)}\n\n${growthTable(growth)}`],
    ['unlike', unlike && unlikeTable(unlike)],
    ['galvatron', galvatron && galvatronTable(galvatron)],
    ['scip', scip && scipTable(scip)],
  ];
  return new Map(known.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

/** Puts each table between its comments, `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export async function updateDocument(written: ReadonlyMap<string, string>): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const updated = [...written].reduce((document, [name, table]) => {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [before = '', rest = ''] = split(document, begin);
    const [, after = ''] = split(rest, end);
    return `${before}${begin}\n\n${table}\n\n${end}${after}`;
  }, text);
  await writeFile(DOCUMENT, updated);
}

function split(text: string, mark: string): readonly string[] {
  const index = text.indexOf(mark);
  if (index < 0) throw new Error(`docs/benchmarks.md has no ${mark}`);
  return [text.slice(0, index), text.slice(index + mark.length)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function casesTable(cases: readonly MeasuredCase[]): string {
  return table(
    ['model', 'GPUs', 'plan', 'step', 'gap', 'candidates (pruned, searched, confirmed)', 'nodes', 'search', 'command', 'CPU', 'peak'], // prettier-ignore
    cases.map((measured) => [measured.model, measured.gpus, ...planCells(measured), ...costCells(measured)]),
  );
}

function planCells({ plan }: MeasuredCase): readonly string[] {
  if (plan === null) return ['none fits', '', '', '', '', ''];
  return [
    plan.parallelism,
    seconds(plan.stepSeconds),
    plan.relativeGap === 0 ? '0' : plan.relativeGap.toExponential(0),
    `${plan.candidates} (${plan.pruned}, ${plan.solved}, ${plan.confirmed})`,
    String(plan.solverNodes),
    seconds(plan.searchSeconds),
  ];
}

function costCells({ commandSeconds, cpuSeconds, peakBytes }: MeasuredCase): readonly string[] {
  return [seconds(commandSeconds), seconds(cpuSeconds), `${Math.round(peakBytes / MEBIBYTE)} MiB`];
}

function ablationsTable(ablations: readonly Ablation[]): string {
  const against = (whole: number | null, alone: number | null): string =>
    alone === null ? 'does not fit' : `${seconds(alone)} (${times(alone / (whole ?? NaN))})`;
  return table(
    ['model', 'GPUs', 'whole space', 'pipelining alone', 'no pipelining'],
    ablations.map(({ model, gpus, whole, interLayer, intraLayer }) => [
      model,
      gpus,
      whole === null ? 'does not fit' : seconds(whole),
      against(whole, interLayer),
      against(whole, intraLayer),
    ]),
  );
}

function images(growth: readonly Growth[]): string {
  return growth.map((series) => `![over ${series.name}](benchmarks/${plotName(series)}.svg)`).join('\n');
}

function growthTable(growth: readonly Growth[]): string {
  return table(
    ['grows', 'value', 'candidates', 'search', 'command', 'CPU', 'peak'],
    growth.flatMap(({ name, points }) =>
      points.map(({ x, plan, commandSeconds, cpuSeconds, peakBytes }) => [
        name,
        String(x),
        String(plan?.candidates ?? ''),
        plan === null ? 'none fits' : seconds(plan.searchSeconds),
        seconds(commandSeconds),
        seconds(cpuSeconds),
        `${Math.round(peakBytes / MEBIBYTE)} MiB`,
      ]),
    ),
  );
}

function unlikeTable(unlike: readonly Unlike[]): string {
  return table(
    ['instance', 'layers', 'CPU', 'gap'],
    unlike.map(({ name, layers, seconds: taken, relativeGap }) => [
      name,
      String(layers),
      seconds(taken),
      relativeGap.toExponential(0),
    ]),
  );
}

function galvatronTable(comparisons: readonly GalvatronComparison[]): string {
  return table(
    ['GPUs, memory, batch', 'search', 'CPU', 'ratio', 'step by the tables', 'by Galvatron’s final cost', 'plan'],
    comparisons.flatMap(({ setting, theirs, ours, tableSeconds }) => {
      const { nodes, gpusPerNode, memoryGib, batch } = setting;
      const searching = theirs.seconds - tableSeconds;
      return [
        [
          `${nodes * gpusPerNode}, ${memoryGib} GiB, ${batch}`,
          'Galvatron',
          `${seconds(theirs.seconds)}, ${seconds(searching)} without its cost functions`,
          `${times(theirs.seconds / ours.seconds)}, ${times(searching / ours.seconds)}`,
          seconds(theirs.value),
          seconds(theirs.ownCost),
          theirs.plan,
        ],
        [
          '',
          `ours (${ours.candidates} candidates, ${ours.solved} searched, gap ${ours.relativeGap.toExponential(0)})`,
          seconds(ours.seconds),
          '',
          `${seconds(ours.value)} (−${percent(1 - ours.value / theirs.value)})`,
          seconds(ours.ownCost),
          ours.plan,
        ],
      ];
    }),
  );
}

function scipTable(comparisons: readonly ScipComparison[]): string {
  return table(
    ['instance', 'layers', 'stages', 'SCIP', 'ours', 'ratio', 'same value'],
    comparisons.map(({ name, layers, stages, scip, ours }) => [
      name,
      String(layers),
      String(stages),
      scip.proved ? seconds(scip.seconds) : `not proved in ${seconds(scip.seconds)}`,
      seconds(ours.seconds),
      times(scip.seconds / ours.seconds),
      verdict(scip.value, ours.value),
    ]),
  );
}

const AGREEMENT = 1e-6;

function verdict(theirs: number | null, ours: number): string {
  if (theirs === null) return 'SCIP found no plan';
  const difference = (ours - theirs) / theirs;
  if (Math.abs(difference) <= AGREEMENT) return 'yes';
  return difference < 0 ? `ours is ${percent(-difference)} less` : `ours is ${percent(difference)} more`;
}

function seconds(value: number): string {
  return value < 1 ? `${(value * 1000).toPrecision(3)} ms` : `${value.toPrecision(3)} s`;
}

function times(ratio: number): string {
  return `${ratio.toPrecision(3)}×`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)}%`;
}
