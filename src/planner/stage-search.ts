import { at, range } from './at.ts';
import { fits } from './check.ts';
import { float, int } from './completion.ts';
import type { Cell, Edge, LayeredGraph } from './layered-graph.ts';
import type { Assignment } from './problem.ts';
import { type Objectives, paretoFront } from './pareto.ts';
import type { Paid, StageGuide } from './stage-guide.ts';
import { Entry, planOf, type Prefix, prefixOf, type Run } from './stage-prefix.ts';

export interface StageSearchLimits {
  /** Only plans of fewer seconds are wanted. */
  readonly cutoff: number;
  /** The most runs and prefixes to make before giving up. */
  readonly budget: number;
  /** When to give up, on the clock of performance.now(). Milliseconds. */
  readonly deadline: number;
}

export interface StageSearchResult {
  /** The best plan found below the cutoff, if any. */
  readonly assignment: Assignment | null;
  /** Whether the search ran to its end: then no plan is better than the one found, or than the cutoff. */
  readonly exhausted: boolean;
}

/**
 * The best plan below a cutoff, by filling one stage after another. Exact for any tables.
 *
 * Memory and the time of a stage matter only while it is being filled; after that, a plan's past is its total, its
 * slowest stage and its largest per-iteration cost. So the search keeps, wherever a stage may begin, the prefixes that
 * no other is as good as in those three and, while a stage is filled from there, the runs of layers that no other is as
 * good as in time, memory and per-iteration cost, among those that the next edge cannot tell apart. Where buffers differ,
 * memory counts both without and with the largest buffer so far: whatever buffer a later layer needs, a run that is as
 * good in both then needs no more. Whatever is dropped can be exchanged in any plan for what it was dropped for: the plan
 * becomes no worse and exceeds no limit. Dropped is
 * also what cannot end below the cutoff by the {@link StageGuide}, so that a close cutoff makes a short search.
 */
export function searchStages(graph: LayeredGraph, guide: StageGuide, limits: StageSearchLimits): StageSearchResult {
  return new StageSearch(graph, guide, limits).result();
}

/** One stage being filled from one entry. */
interface Filling {
  readonly stage: number;
  readonly entry: Entry;
  /** The best of the entry's prefixes in each respect; zeros for the first stage. */
  readonly paid: Paid;
  /** Where the next stage may begin, by layer and class. */
  readonly next: Map<string, Entry>;
}

class StageSearch {
  readonly #graph: LayeredGraph;
  readonly #guide: StageGuide;
  readonly #deadline: number;
  /** c − 1. */
  readonly #bubbles: number;
  #budget: number;
  #cutoff: number;
  #best: Prefix | null = null;

  constructor(graph: LayeredGraph, guide: StageGuide, { cutoff, budget, deadline }: StageSearchLimits) {
    this.#graph = graph;
    this.#guide = guide;
    this.#deadline = deadline;
    this.#bubbles = graph.problem.microBatches - 1;
    this.#budget = budget;
    this.#cutoff = cutoff;
  }

  result(): StageSearchResult {
    let entries = [new Entry(0, 0)];
    for (const stage of range(0, this.#graph.problem.stages)) {
      const next = new Map<string, Entry>();
      for (const entry of entries) {
        this.#fillStage({ stage, entry, paid: leastPaid(entry), next });
      }
      entries = [...next.values()];
    }
    return { assignment: this.#best && planOf(this.#best), exhausted: this.#budget >= 0 };
  }

  /** All ways to fill a stage from an entry, and where the next may begin after each. */
  #fillStage(filling: Filling): void {
    const { stage, entry } = filling;
    const { cells, edges } = this.#graph;
    let runs = this.#begin(filling);
    for (let u = entry.layer; runs.length > 0 && this.#mayGoOn(); u += 1) {
      this.#endStage(filling, u, runs);
      const edge = edges[u];
      const cell = cells[u + 1]?.[stage];
      runs = edge === undefined || cell === undefined ? [] : this.#extend(filling, u + 1, { runs, edge, cell });
    }
  }

  /** Whether there is any budget left; when time is up there is none. */
  #mayGoOn(): boolean {
    if (performance.now() >= this.#deadline) {
      this.#budget = -1;
    }
    return this.#budget >= 0;
  }

  #begin(filling: Filling): Run[] {
    const { stage, entry } = filling;
    const cell = at(at(this.#graph.cells, entry.layer), stage);
    const runs = cell.strategies.flatMap((strategy, s): Run[] => {
      const run = { time: 0, memory: 0, buffer: 0, iteration: 0, leave: 0, strategy, before: null };
      return int(cell.enter, s) === entry.enter ? [added(run, null, cell, { s, reshard: 0 })] : [];
    });
    return this.#frontOfEachClass(
      filling,
      runs.filter((run) => this.#isPromising(filling, entry.layer, run)),
    );
  }

  /** The runs with layer `u` added, under every strategy that it may take. */
  #extend(
    filling: Filling,
    u: number,
    { runs, edge, cell }: { readonly runs: readonly Run[]; readonly edge: Edge; readonly cell: Cell },
  ): Run[] {
    const extended: Run[] = [];
    for (const run of runs) {
      for (let s = 0; s < cell.strategies.length; s += 1) {
        const reshard = float(edge.reshard, run.leave * edge.enters + int(cell.enter, s));
        const longer = added(run, run, cell, { s, reshard });
        if (this.#isPromising(filling, u, longer)) {
          extended.push(longer);
        }
      }
    }
    this.#budget -= extended.length;
    return this.#frontOfEachClass(filling, extended);
  }

  /** Whether a run up to layer `u` fits the stage and may be part of a plan below the cutoff. */
  #isPromising({ stage, paid }: Filling, u: number, run: Run): boolean {
    const { leave } = run;
    if (!fits(memoryOf(run), at(this.#graph.problem.memoryLimit, stage))) {
      return false;
    }
    return this.#guide.whileFilling(paid, { stage, layer: u, leave }, run) < this.#cutoff;
  }

  /** Of the runs of each leaving class, those that no other is as good as; within a class by ascending time. */
  #frontOfEachClass({ stage }: Filling, runs: readonly Run[]): Run[] {
    const { least, most } = at(this.#graph.buffers, stage);
    const costs = least < most ? { ...runCosts, fourth: memoryOf } : runCosts;
    return [...Map.groupBy(runs, ({ leave }) => leave).values()].flatMap((members) => paretoFront(members, costs));
  }

  /** Ends the stage after layer `u`. Memory is of no more interest. */
  #endStage(filling: Filling, u: number, runs: readonly Run[]): void {
    const edge = this.#graph.edges[u];
    const last = filling.stage === this.#graph.problem.stages - 1;
    if (last !== (edge === undefined)) {
      return;
    }
    const { prefixes } = filling.entry;
    for (const run of quickest(runs)) {
      for (const prefix of prefixes.length === 0 ? [null] : prefixes) {
        if (edge === undefined) {
          this.#finish(prefixOf(prefix, run, 0));
        } else {
          this.#handOver(filling, u + 1, edge, { prefix, run });
        }
      }
    }
  }

  /** Begins the next stage at `layer`, by every class that it can be entered by. */
  #handOver(
    { stage, next }: Filling,
    layer: number,
    edge: Edge,
    { prefix, run }: { readonly prefix: Prefix | null; readonly run: Run },
  ): void {
    for (let enter = 0; enter < edge.enters; enter += 1) {
      const whole = prefixOf(prefix, run, float(edge.transfer, run.leave * edge.enters + enter));
      if (this.#guide.whenFull(whole, { stage: stage + 1, layer, enter }) < this.#cutoff) {
        const key = `${layer},${enter}`;
        const entry = next.get(key) ?? new Entry(layer, enter);
        next.set(key, entry);
        entry.add(whole);
        this.#budget -= 1;
      }
    }
  }

  #finish(plan: Prefix): void {
    const value = plan.total + this.#bubbles * plan.slowest + plan.iteration;
    if (value < this.#cutoff) {
      [this.#cutoff, this.#best] = [value, plan];
    }
  }
}

/** `so far` with one more layer. */
function added(
  soFar: Run,
  before: Run | null,
  cell: Cell,
  { s, reshard }: { readonly s: number; readonly reshard: number },
): Run {
  return {
    time: soFar.time + reshard + float(cell.time, s),
    memory: soFar.memory + float(cell.memory, s),
    buffer: Math.max(soFar.buffer, float(cell.buffer, s)),
    iteration: soFar.iteration + float(cell.iteration, s),
    leave: int(cell.leave, s),
    strategy: at(cell.strategies, s),
    before,
  };
}

/** What a run needs if no later layer needs a larger buffer. */
function memoryOf({ memory, buffer }: Run): number {
  return memory + buffer;
}

const runCosts: Objectives<Run> = {
  first: (run) => run.time,
  second: (run) => run.memory,
  third: (run) => run.iteration,
};

function leastPaid({ prefixes }: Entry): Paid {
  const least = (cost: 'total' | 'slowest' | 'iteration'): number =>
    prefixes.length === 0 ? 0 : Math.min(...prefixes.map((prefix) => prefix[cost]));
  return { total: least('total'), slowest: least('slowest'), iteration: least('iteration') };
}

/** Of runs by ascending time, those that pay less per iteration than every quicker one of their leaving class. */
function quickest(runs: readonly Run[]): Run[] {
  const least = new Map<number, number>();
  return runs.filter(({ leave, iteration }) => {
    const better = iteration < (least.get(leave) ?? Infinity);
    if (better) {
      least.set(leave, iteration);
    }
    return better;
  });
}
