/** A hand-made layout beside our plan, for people. */
import type { Price, TimeByCause } from '../cost/price.ts';
import { columns } from '../plan/columns.ts';
import { CAUSES } from '../plan/limited-by.ts';
import { formatBytes, formatSeconds, formatShare } from '../plan/units.ts';

const WIDTHS = [50, 16, 16, 18];

/** Causes whose difference is below this share of the step are not named. */
const WORTH_NAMING = 0.01;

/**
 * @param name - of the hand-made layout, as it was written
 * @param plan - what it is beside: parallelism and price
 */
export function describeComparison(
  name: string,
  handMade: Price,
  plan: { readonly name: string; readonly price: Price },
): string {
  const rows = [
    ['', 'BY HAND', 'PLAN', 'DIFFERENCE'],
    ...causeRows(handMade.time, plan.price.time),
    ['step', ...pair(handMade.stepSeconds, plan.price.stepSeconds)],
    ['memory of the fullest GPU', ...bytes(handMade.memoryBytes, plan.price.memoryBytes)],
    ['memory that a plan may use', formatBytes(handMade.usableBytes), formatBytes(plan.price.usableBytes), ''],
  ];
  return [
    `by hand: ${name}`,
    `plan: ${plan.name}`,
    '',
    columns(rows, WIDTHS),
    '',
    verdict(handMade, plan.price),
    '',
  ].join('\n');
}

function causes(time: TimeByCause): readonly (readonly [name: string, seconds: number])[] {
  return Object.entries(CAUSES).map(([cause, name]) => [name, time[cause as keyof TimeByCause]]);
}

function causeRows(handMade: TimeByCause, plan: TimeByCause): string[][] {
  const ours = new Map(causes(plan));
  return causes(handMade)
    .filter(([name, seconds]) => seconds > 0 || (ours.get(name) ?? 0) > 0)
    .map(([name, seconds]) => [name, ...pair(seconds, ours.get(name) ?? 0)]);
}

function pair(one: number, other: number): string[] {
  return [formatSeconds(one), formatSeconds(other), signed(one - other, formatSeconds)];
}

function bytes(one: number, other: number): string[] {
  return [formatBytes(one), formatBytes(other), signed(one - other, formatBytes)];
}

function signed(difference: number, format: (value: number) => string): string {
  if (difference === 0) return '';
  return `${difference > 0 ? '+' : '−'}${format(Math.abs(difference))}`;
}

/** What is worse by hand, and by how much; and whether it can run at all. */
function verdict(handMade: Price, plan: Price): string {
  const fit = handMade.fits
    ? []
    : [
        `it does not fit: each GPU of its fullest stage lacks ${formatBytes(handMade.memoryBytes - handMade.usableBytes)}`,
      ];
  return [...fit, speed(handMade, plan)].join('; ');
}

function speed(handMade: Price, plan: Price): string {
  const slower = handMade.stepSeconds / plan.stepSeconds - 1;
  if (slower <= 0) return `by hand it is as fast, or faster by ${formatShare(-slower)}`;
  const ours = new Map(causes(plan.time));
  const worse = causes(handMade.time)
    .map(([name, seconds]) => ({ name, more: seconds - (ours.get(name) ?? 0) }))
    .filter(({ more }) => more > WORTH_NAMING * plan.stepSeconds)
    .sort((one, other) => other.more - one.more)
    .map(({ name, more }) => `${name} (+${formatSeconds(more)})`);
  return `by hand it is ${formatShare(slower)} slower${worse.length === 0 ? '' : `: ${worse.join(', ')}`}`;
}
