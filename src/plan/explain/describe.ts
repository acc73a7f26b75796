/** An explanation as text for a terminal. */
import { columns } from '../columns.ts';
import { formatSeconds } from '../units.ts';
import type { Alternative, Explanation, OtherPlan, Verdict } from './explanation.ts';
import { RELATIVE_GAP } from './resolve.ts';

const WIDTHS = [44, 22, 24, 10];

const FACT_WIDTHS = [17, 83];

const NOTE = `Samples a second on the same GPUs: what is 25% slower takes 1.25 times as long. Each plan is
proved within ${RELATIVE_GAP * 100}% of the best unless a bound is given.
`;

export function describeExplanation({ limits, whatIfs, runnersUp, ablations }: Explanation): string {
  const kinds = [
    ['WHAT IF', whatIfs],
    ['RUNNERS-UP', runnersUp],
    ['WITH FEWER CHOICES', ablations],
  ] as const;
  const tables = kinds
    .filter(([, alternatives]) => alternatives.length > 0)
    .map(([title, alternatives]) => columns([[title, 'SPEED', 'PLAN', 'STEP'], ...alternatives.map(row)], WIDTHS));
  const facts = limits.map((limit, index) => [index === 0 ? 'limited by' : '', limit]);
  return [columns(facts, FACT_WIDTHS), ...tables, NOTE].join('\n\n');
}

function row({ title, verdict }: Alternative): string[] {
  const plan = verdict.kind === 'plan' ? [describeChoice(verdict), formatSeconds(verdict.stepSeconds)] : ['', ''];
  return [title, describeVerdict(verdict), ...plan];
}

/** `pp2 · tp4, 8 micro-batches`. */
export function describeChoice({
  parallelism,
  microBatches,
}: {
  readonly parallelism: string;
  readonly microBatches: number;
}): string {
  return microBatches === 1 ? parallelism : `${parallelism}, c = ${microBatches}`;
}

/** `11% faster`, `2.3 times slower`; what is not proved is a bound. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'plan':
      return describeSpeed(verdict);
    case 'does-not-fit':
      return 'does not fit';
    case 'impossible':
      return 'not possible';
    case 'unknown':
      return describeLimit(verdict.speedLimit);
  }
}

/** Of what was not planned to the end. */
function describeLimit(speedLimit = Infinity): string {
  return speedLimit < 1 - RELATIVE_GAP ? `at least ${difference(speedLimit)}` : 'not found in time';
}

/** Where a plan is not proved best, a better one may be faster still, up to what was proved. */
function describeSpeed({ speed, speedLimit }: OtherPlan): string {
  const proved = speedLimit <= speed * (1 + 2 * RELATIVE_GAP);
  if (Math.abs(speed - 1) < RELATIVE_GAP) return proved ? 'as fast' : 'at least as fast';
  if (proved) return difference(speed);
  if (speed > 1) return `at least ${difference(speed)}`;
  return speedLimit < 1 ? `${amount(speedLimit)} to ${difference(speed)}` : `at most ${difference(speed)}`;
}

function difference(speed: number): string {
  return `${amount(speed)} ${speed >= 1 ? 'faster' : 'slower'}`;
}

function amount(speed: number): string {
  const ratio = Math.max(speed, 1 / speed);
  return ratio < 2 ? PERCENT.format(ratio - 1) : `${TIMES.format(ratio)}×`;
}

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 });
const TIMES = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
