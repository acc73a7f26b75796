import { paretoFront } from './pareto.ts';
import type { Assignment } from './problem.ts';

/** Some layers of one stage, from its first: what they cost, and the state of the last of them. */
export interface Run {
  readonly time: number;
  readonly memory: number;
  readonly iteration: number;
  /** Class by which the edge out of the last layer knows it. */
  readonly leave: number;
  readonly strategy: number;
  readonly before: Run | null;
}

/** Whole stages, from the first: what they cost, with the boundary after each. */
export interface Prefix {
  /** Σ p + Σ o. */
  readonly total: number;
  /** max(p, o). */
  readonly slowest: number;
  /** max e. */
  readonly iteration: number;
  /** The last of the stages, whole. */
  readonly stage: Run;
  readonly before: Prefix | null;
}

/** A place where a stage may begin, and the ways there. */
export interface Entry {
  readonly layer: number;
  /** Class by which the layer is entered. */
  readonly enter: number;
  readonly prefixes: Prefix[];
}

/** The stages of `before`, then `stage`, then a boundary that takes `transfer` seconds. */
export function prefixOf(before: Prefix | null, stage: Run, transfer: number): Prefix {
  return {
    total: (before?.total ?? 0) + stage.time + transfer,
    slowest: Math.max(before?.slowest ?? 0, stage.time, transfer),
    iteration: Math.max(before?.iteration ?? 0, stage.iteration),
    stage,
    before,
  };
}

/** The prefixes that no other is as good as. */
export function bestPrefixes(prefixes: Prefix[]): Prefix[] {
  return paretoFront(prefixes, {
    first: ({ total }) => total,
    second: ({ slowest }) => slowest,
    third: ({ iteration }) => iteration,
  });
}

/** The plan that a prefix of all stages stands for. */
export function planOf(whole: Prefix): Assignment {
  const stages: number[][] = [];
  for (let prefix: Prefix | null = whole; prefix !== null; prefix = prefix.before) {
    const strategies: number[] = [];
    for (let run: Run | null = prefix.stage; run !== null; run = run.before) {
      strategies.unshift(run.strategy);
    }
    stages.unshift(strategies);
  }
  const placement = stages.flatMap((strategies, stage) => strategies.map(() => stage));
  return { placement, strategy: stages.flat() };
}
