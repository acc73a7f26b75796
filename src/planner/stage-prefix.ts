import { type Objectives, paretoFront } from './pareto.ts';
import type { Assignment } from './problem.ts';

/** Some layers of one stage, from its first: what they cost, and the state of the last of them. */
export interface Run {
  readonly time: number;
  readonly memory: number;
  /** The largest. */
  readonly buffer: number;
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

/** A place where a stage may begin, and the ways there of which none is as good as another. */
export class Entry {
  readonly layer: number;
  /** Class by which the layer is entered. */
  readonly enter: number;
  #prefixes: Prefix[] = [];
  /** How many of them have been compared with each other. */
  #compared = 0;

  constructor(layer: number, enter: number) {
    this.layer = layer;
    this.enter = enter;
  }

  /** Adds a way. Comparing waits until there are twice as many as at the last time, which keeps it cheap. */
  add(prefix: Prefix): void {
    if (this.#prefixes.push(prefix) > 2 * this.#compared + MIN_COMPARED) {
      this.#compare();
    }
  }

  get prefixes(): readonly Prefix[] {
    if (this.#prefixes.length > this.#compared) {
      this.#compare();
    }
    return this.#prefixes;
  }

  #compare(): void {
    this.#prefixes = paretoFront(this.#prefixes, prefixCosts);
    this.#compared = this.#prefixes.length;
  }
}

const MIN_COMPARED = 64;

const prefixCosts: Objectives<Prefix> = {
  first: ({ total }) => total,
  second: ({ slowest }) => slowest,
  third: ({ iteration }) => iteration,
};

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
