import { at } from './at.ts';
import { type Objectives, paretoFront } from './pareto.ts';

/** What some stages cost, with the boundaries on one side of each. Ticks. */
export interface Outlay {
  /** Σ p + w Σ o. */
  readonly total: number;
  /** max(p, o). */
  readonly slowest: number;
  /** max e. */
  readonly iteration: number;
}

export const NOTHING: Outlay = { total: 0, slowest: 0, iteration: 0 };

export const outlayCosts: Objectives<Outlay> = {
  first: ({ total }) => total,
  second: ({ slowest }) => slowest,
  third: ({ iteration }) => iteration,
};

/**
 * At most `most` outlays of which one is no more than each of `outlays` in every respect: those that no other is as good
 * as or, where these are too many, what neighbours have in common.
 */
export function thinned(outlays: Outlay[], most: number): Outlay[] {
  const front = paretoFront(outlays, outlayCosts);
  if (front.length <= most) {
    return front;
  }
  // By the largest of the three differences, neighbours are most alike.
  front.sort((a, b) => a.slowest - b.slowest || a.total - b.total);
  return Array.from({ length: most }, (_, index) => {
    const [from, to] = [index, index + 1].map((n) => Math.floor((n * front.length) / most));
    return front.slice(from, to).reduce(inCommon);
  });
}

function inCommon(a: Outlay, b: Outlay): Outlay {
  return {
    total: Math.min(a.total, b.total),
    slowest: Math.min(a.slowest, b.slowest),
    iteration: Math.min(a.iteration, b.iteration),
  };
}

/** How much the slowest stage or boundary and the largest e count besides the total. */
export interface Weighting {
  readonly slowest: number;
  readonly iteration: number;
}

/** The least that one of some outlays and one of others cost together. */
export function leastTogether(some: readonly Outlay[], others: readonly Outlay[], weighting: Weighting): number {
  let least = Infinity;
  for (let i = 0; i < some.length; i += 1) {
    const one = at(some, i);
    for (let j = 0; j < others.length; j += 1) {
      const other = at(others, j);
      const cost =
        one.total +
        other.total +
        weighting.slowest * Math.max(one.slowest, other.slowest) +
        weighting.iteration * Math.max(one.iteration, other.iteration);
      least = Math.min(least, cost);
    }
  }
  return least;
}
