import { range } from './at.ts';
import type { Outlay } from './outlay.ts';
import type { BoundedRun, RunBounds } from './run-bounds.ts';

/** Outlays by which a stage's choice between p and e is told apart, shared among the stages. */
const LEVELS = 256;

/**
 * What a stage costs at least that holds a run: time can be saved at the cost of e, but every choice has p and e no less
 * than one of these outlays. Where p lies between two levels, e is at least what the bounds of p + θ e leave at the
 * upper one.
 */
export function stageOutlays(
  bounds: RunBounds,
  stages: number,
): (run: BoundedRun, leave: number, most: number) => readonly Outlay[] {
  const levels = Math.max(1, Math.floor(LEVELS / stages ** 2));
  return (run, leave, most) => {
    const least = bounds.time(run, leave);
    if (least >= most) {
      return [];
    }
    const top = Math.min(most, bounds.timeOfLeastIteration(run, leave));
    const count = top > least ? levels : 1;
    const level = (k: number): number => least + ((top - least) * k) / count;
    return range(0, count).map((k) => ({
      total: level(k),
      slowest: level(k),
      iteration: bounds.iterationAt(run, leave, Math.max(least, level(k + 1))),
    }));
  };
}
