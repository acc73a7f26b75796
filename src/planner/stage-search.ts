import type { Allowances } from './allowances.ts';
import { at, range } from './at.ts';
import { float, int } from './entries.ts';
import { type Cell, type Edge, type LayeredGraph, MEMORY_PARTS } from './layered-graph.ts';
import { NOTHING } from './outlay.ts';
import type { Assignment } from './problem.ts';
import { runFront, type RunOrder } from './run-front.ts';
import type { StageGuide } from './stage-guide.ts';
import { Entry, type Prefix } from './stage-prefix.ts';
import { StageRuns } from './stage-runs.ts';

export interface StageSearchLimits {
  /** Only plans of fewer ticks are wanted. */
  readonly cutoff: number;
  /** The most runs and prefixes to make before giving up. */
  readonly budget: number;
  /** When to give up, on the clock of performance.now(). Milliseconds. */
  readonly deadline: number;
  /** The most runs to go on with from each layer: then good plans are found soon, but none is proved to be best. */
  readonly width?: number;
}

export interface StageSearchResult {
  /** The best plan found below the cutoff, if any. */
  readonly assignment: Assignment | null;
  /** No plan that the search has covered is better. Ticks. */
  readonly cutoff: number;
  /** Whether the search ran to its end, and so covered all plans. */
  readonly exhausted: boolean;
}

/**
 * The best plan below a cutoff, by filling one stage after another. Exact for any tables.
 *
 * Memory and the time of a stage matter only while it is being filled; after that, a plan's past is its total, its
 * slowest stage and its largest per-iteration cost. So the search keeps, wherever a stage may begin, the prefixes that
 * no other is as good as in those three and, while a stage is filled from there, the runs of layers that no other is as
 * good as (see runFront), among those that the next edge cannot tell apart. Whatever is dropped can be exchanged in any
 * plan for what it was dropped for: the plan becomes no worse and exceeds no limit. Dropped is also what cannot end below
 * the cutoff by the {@link StageGuide}, so that a close cutoff makes a short search.
 */
export function searchStages(graph: LayeredGraph, guide: StageGuide, limits: StageSearchLimits): StageSearchResult {
  return new StageSearch(graph, guide, limits).result();
}

/** One stage being filled from one entry. */
interface Filling {
  readonly stage: number;
  readonly entry: Entry;
  readonly allowances: Allowances;
  readonly order: RunOrder;
  /** Where the next stage may begin, by layer and class. */
  readonly next: Map<string, Entry>;
}

/** What a boundary takes, and what it counts in the total. Ticks. */
interface Boundary {
  readonly transfer: number;
  readonly toll: number;
}

const NO_BOUNDARY: Boundary = { transfer: 0, toll: 0 };

class StageSearch {
  readonly #graph: LayeredGraph;
  readonly #guide: StageGuide;
  readonly #deadline: number;
  /** c − 1. */
  readonly #bubbles: number;
  readonly #runs = new StageRuns();
  readonly #width: number;
  #covered = true;
  #budget: number;
  #cutoff: number;
  #best: Prefix | null = null;

  constructor(
    graph: LayeredGraph,
    guide: StageGuide,
    { cutoff, budget, deadline, width = Infinity }: StageSearchLimits,
  ) {
    this.#graph = graph;
    this.#guide = guide;
    this.#deadline = deadline;
    this.#width = width;
    this.#bubbles = graph.problem.microBatches - 1;
    this.#budget = budget;
    this.#cutoff = cutoff;
  }

  result(): StageSearchResult {
    let entries = [new Entry(0, 0)];
    for (const stage of range(0, this.#graph.problem.stages)) {
      const next = new Map<string, Entry>();
      for (const entry of entries) {
        this.#fillStage(stage, entry, next);
      }
      entries = [...next.values()];
    }
    const assignment = this.#best && this.#planOf(this.#best);
    return { assignment, cutoff: this.#cutoff, exhausted: this.#budget >= 0 && this.#covered };
  }

  /** All ways to fill a stage from an entry, and where the next may begin after each. */
  #fillStage(stage: number, entry: Entry, next: Map<string, Entry>): void {
    const { cells, edges, buffers, problem } = this.#graph;
    const paid = stage === 0 ? [NOTHING] : entry.prefixes;
    const { least, most } = at(buffers, stage);
    const filling = {
      stage,
      entry,
      next,
      allowances: this.#guide.allowances({ stage, layer: entry.layer, enter: entry.enter }, paid, this.#cutoff),
      order: { perTick: problem.stages === 1 ? 1 + this.#bubbles : null, byBuffers: least < most },
    };
    let from = this.#runs.length;
    this.#begin(filling);
    for (let u = entry.layer; this.#runs.length > from && this.#mayGoOn(); u += 1) {
      const to = this.#runs.length;
      this.#endStage(filling, u, { from, to });
      const [edge, cell] = [edges[u], cells[u + 1]?.[stage]];
      if (edge === undefined || cell === undefined || u >= filling.allowances.last) {
        break;
      }
      this.#extend(filling, u + 1, { from, to, edge, cell });
      from = to;
    }
  }

  /** Whether there is any budget left; when time is up there is none. */
  #mayGoOn(): boolean {
    if (performance.now() >= this.#deadline) {
      this.#budget = -1;
    }
    return this.#budget >= 0;
  }

  #begin(filling: Filling): void {
    const { stage, entry } = filling;
    if (filling.allowances.last < entry.layer) {
      return;
    }
    const from = this.#runs.length;
    const cell = at(at(this.#graph.cells, entry.layer), stage);
    for (let s = 0; s < cell.strategies.length; s += 1) {
      if (int(cell.enter, s) === entry.enter) {
        this.#addRun(filling, entry.layer, { cell, s, before: -1, reshard: 0 });
      }
    }
    this.#runs.keep(from, runFront(this.#runs, from, filling.order));
  }

  /** The runs with layer `u` added, under every strategy that it may take. */
  #extend(
    filling: Filling,
    u: number,
    { from, to, edge, cell }: { readonly from: number; readonly to: number; readonly edge: Edge; readonly cell: Cell },
  ): void {
    // By strategy, so that runs come in long ascending sequences, which makes sorting them quick.
    for (let s = 0; s < cell.strategies.length; s += 1) {
      const enter = int(cell.enter, s);
      for (let before = from; before < to; before += 1) {
        const reshard = float(edge.reshard, int(this.#runs.leave, before) * edge.enters + enter);
        this.#addRun(filling, u, { cell, s, before, reshard });
      }
    }
    this.#budget -= this.#runs.length - to;
    this.#runs.keep(to, this.#mostPromising(filling, u, runFront(this.#runs, to, filling.order)));
  }

  /** Of runs up to layer `u`, as many as the width allows, in their order. */
  #mostPromising({ allowances }: Filling, u: number, runs: readonly number[]): readonly number[] {
    if (runs.length <= this.#width) {
      return runs;
    }
    this.#covered = false;
    const { time, iteration, memory, buffer, leave } = this.#runs;
    const slack = (run: number): number =>
      allowances.slack(
        u,
        int(leave, run),
        float(time, run),
        float(iteration, run),
        float(memory, run) + float(buffer, run),
      );
    const slacks = new Map(runs.map((run) => [run, slack(run)]));
    const of = (run: number): number => slacks.get(run) ?? 0;
    const chosen = new Set(runs.toSorted((a, b) => of(b) - of(a)).slice(0, this.#width));
    return runs.filter((run) => chosen.has(run));
  }

  /** Adds a run that fits the stage and may be part of a plan below the cutoff. */
  #addRun(
    { allowances }: Filling,
    u: number,
    {
      cell,
      s,
      before,
      reshard,
    }: { readonly cell: Cell; readonly s: number; readonly before: number; readonly reshard: number },
  ): void {
    const runs = this.#runs;
    const first = before < 0;
    const time = (first ? 0 : float(runs.time, before)) + reshard + float(cell.time, s);
    const iteration = (first ? 0 : float(runs.iteration, before)) + float(cell.iteration, s);
    const memory = (first ? 0 : float(runs.memory, before)) + float(cell.memory, s);
    const buffer = Math.max(first ? 0 : float(runs.buffer, before), float(cell.buffer, s));
    const leave = int(cell.leave, s);
    if (memory + buffer > MEMORY_PARTS || !allowances.admits(u, leave, time, iteration, memory + buffer)) {
      return;
    }
    const run = runs.add();
    runs.time[run] = time;
    runs.iteration[run] = iteration;
    runs.memory[run] = memory;
    runs.buffer[run] = buffer;
    runs.leave[run] = leave;
    runs.strategy[run] = at(cell.strategies, s);
    runs.before[run] = before;
  }

  /** Ends the stage after layer `u`. Memory is of no more interest. */
  #endStage(filling: Filling, u: number, { from, to }: { readonly from: number; readonly to: number }): void {
    const edge = this.#graph.edges[u];
    const last = filling.stage === this.#graph.problem.stages - 1;
    if (last !== (edge === undefined)) {
      return;
    }
    const { prefixes } = filling.entry;
    for (const run of this.#quickest(from, to)) {
      for (const prefix of filling.stage === 0 ? [null] : prefixes) {
        if (edge === undefined) {
          this.#finish(this.#prefixOf(prefix, run, NO_BOUNDARY));
        } else {
          this.#handOver(filling, u + 1, edge, { prefix, run });
        }
      }
    }
  }

  /** Of runs by class and ascending time, those that pay less per iteration than every quicker one of their class. */
  #quickest(from: number, to: number): number[] {
    const least = new Map<number, number>();
    const { leave, iteration } = this.#runs;
    return range(from, to).filter((run) => {
      const [own, paid] = [int(leave, run), float(iteration, run)];
      const better = paid < (least.get(own) ?? Infinity);
      if (better) {
        least.set(own, paid);
      }
      return better;
    });
  }

  /** Begins the next stage at `layer`, by every class that it can be entered by. */
  #handOver(
    { stage, next }: Filling,
    layer: number,
    edge: Edge,
    { prefix, run }: { readonly prefix: Prefix | null; readonly run: number },
  ): void {
    const row = int(this.#runs.leave, run) * edge.enters;
    for (let enter = 0; enter < edge.enters; enter += 1) {
      const [transfer, toll] = [float(edge.transfer, row + enter), float(edge.toll, row + enter)];
      const whole = this.#prefixOf(prefix, run, { transfer, toll });
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

  /** The stages of `before`, then a stage of these layers, then a boundary. */
  #prefixOf(before: Prefix | null, run: number, { transfer, toll }: Boundary): Prefix {
    const time = float(this.#runs.time, run);
    return {
      total: (before?.total ?? 0) + time + toll,
      slowest: Math.max(before?.slowest ?? 0, time, transfer),
      iteration: Math.max(before?.iteration ?? 0, float(this.#runs.iteration, run)),
      run,
      before,
    };
  }

  /** The plan that a prefix of all stages stands for. */
  #planOf(whole: Prefix): Assignment {
    const stages: number[][] = [];
    for (let prefix: Prefix | null = whole; prefix !== null; prefix = prefix.before) {
      stages.unshift(this.#runs.strategiesOf(prefix.run));
    }
    const placement = stages.flatMap((strategies, stage) => strategies.map(() => stage));
    return { placement, strategy: stages.flat() };
  }
}
