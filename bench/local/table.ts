/** Outcomes as tables in Markdown. */
import type { Outcome } from './outcomes.ts';
import { mean, median, rankCorrelation } from './statistics.ts';

export function summaryTable(outcomes: readonly Outcome[]): string {
  const groups = [...Map.groupBy(outcomes, ({ group }) => group), ['all', outcomes] as const];
  return markdown([
    ['', 'plans', 'error', 'bias', 'rank correlation', 'spread of steps'],
    ...groups.map(([group, own]) => [
      group,
      `${own.length}`,
      percent(mean(own.map((outcome) => Math.abs(error(outcome))))),
      signed(mean(own.map(error))),
      own.length < FEWEST_TO_RANK ? '' : orderKept(own).toFixed(2),
      percent(median(own.map(({ spread }) => spread))),
    ]),
  ]);
}

/** Fewer have an order by chance. */
const FEWEST_TO_RANK = 6;

function orderKept(outcomes: readonly Outcome[]): number {
  return rankCorrelation(
    outcomes.map(({ predicted }) => predicted),
    outcomes.map(({ measured }) => measured),
  );
}

export function planTable(outcomes: readonly Outcome[]): string {
  return markdown([
    ['', 'plan', 'predicted', 'measured', 'error', 'steps', 'spread of steps'],
    ...outcomes.map((outcome) => [
      outcome.group,
      `\`${outcome.layout}\``,
      milliseconds(outcome.predicted),
      milliseconds(outcome.measured),
      signed(error(outcome)),
      `${outcome.steps}`,
      percent(outcome.spread),
    ]),
  ]);
}

/** Predicted over measured, less 1. */
function error({ predicted, measured }: Outcome): number {
  return predicted / measured - 1;
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function milliseconds(seconds: number): string {
  return `${(1000 * seconds).toFixed(0)} ms`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}
