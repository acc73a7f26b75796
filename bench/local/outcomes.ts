/** What is predicted of each layout beside what was measured of it. */
import { priceOf } from '../../src/cost/price.ts';
import { handMade } from '../../src/estimate/hand-made.ts';
import type { Measured } from './measure.ts';
import { siteOf } from './site.ts';
import { median, spread } from './statistics.ts';

export interface Outcome {
  /** Model and ranks. */
  readonly group: string;
  readonly layout: string;
  /** Seconds of a step. */
  readonly predicted: number;
  /** Median of the steps. */
  readonly measured: number;
  /** Width of the middle half of the steps, as a share of the median. */
  readonly spread: number;
  readonly steps: number;
}

export function outcomesOf({ of: one, profiles, steps }: Measured): readonly Outcome[] {
  const { workload } = siteOf(one, profiles);
  return one.layouts.map((text, index) => {
    const { candidate, layout } = handMade(text, workload);
    const seconds = steps[index] ?? [];
    return {
      group: `${one.name} on ${one.ranks} ranks`,
      layout: text,
      predicted: priceOf(workload, candidate, layout).stepSeconds,
      measured: median(seconds),
      spread: spread(seconds),
      steps: seconds.length,
    };
  });
}
