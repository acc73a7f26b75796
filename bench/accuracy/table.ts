/** Summaries as a table in Markdown. */
import type { Summary } from './summary.ts';

const COLUMNS: readonly (readonly [head: string, cell: (summary: Summary) => string])[] = [
  ['source', ({ source }) => source],
  ['runs', ({ runs, declined }) => (declined === 0 ? `${runs}` : `${runs} (${declined} declined)`)],
  ['step time: error (bias)', ({ absoluteError, bias }) => errorAndBias(absoluteError, bias)],
  ['correlation', ({ correlation }) => correlation?.toFixed(3) ?? ''],
  [
    'ranked first, behind the best',
    ({ regret, rankings }) => (regret === null ? '' : `${percent(regret)} of ${rankings}`),
  ],
  ['memory: error (bias)', ({ memoryError, memoryBias }) => errorAndBias(memoryError, memoryBias)],
  ['verdicts right', ({ right, verdicts }) => `${right} of ${verdicts}`],
];

export function accuracyTable(summaries: readonly Summary[]): string {
  return [
    COLUMNS.map(([head]) => head),
    COLUMNS.map(() => '---'),
    ...summaries.map((summary) => COLUMNS.map(([, cell]) => cell(summary))),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function errorAndBias(error: number | null, bias: number | null): string {
  return error === null || bias === null ? '' : `${percent(error)} (${bias < 0 ? '−' : '+'}${percent(Math.abs(bias))})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
