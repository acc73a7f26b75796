import { at } from './at.ts';
import { cheapestCompletion, cheapestTotal, type Completion, float, perByte } from './completion.ts';
import type { LayeredGraph } from './layered-graph.ts';
import { priceMemory, type PricedMemory } from './memory-price.ts';
import type { StageBuffers } from './stage-buffers.ts';

/** What full stages have cost: Σ p + Σ o, the largest of these, and the largest e. Seconds. */
export interface Paid {
  readonly total: number;
  readonly slowest: number;
  readonly iteration: number;
}

/** What a stage that is being filled has cost so far. Seconds and bytes. */
export interface PaidInStage {
  readonly time: number;
  readonly memory: number;
  /** The largest. */
  readonly buffer: number;
  readonly iteration: number;
}

/**
 * Lower bounds of all plans that begin in a given way. A plan has still to pay what the cheapest way on from there costs,
 * of all p and o, of p alone, and of everything with memory at a price; and
 *
 * - its slowest stage is no quicker than any stage so far and than the mean of the stages that are not full;
 * - of pp stages, each is no slower than the slowest and pays no more per iteration than the largest: instead of the
 *   largest, 1/pp of each may be counted. With that, and memory at a price (see priceMemory), everything adds up.
 */
export class StageGuide {
  /** Of every plan. Seconds. */
  readonly lowerBound: number;
  readonly #stages: number;
  /** c − 1. */
  readonly #bubbles: number;
  readonly #buffers: readonly StageBuffers[];
  readonly #all: Completion;
  readonly #compute: Completion;
  readonly #priced: PricedMemory;
  /** What a second of stage time counts where each stage counts for its share of the slowest. */
  readonly #perSecond: number;

  constructor(graph: LayeredGraph) {
    const { stages, microBatches } = graph.problem;
    this.#stages = stages;
    this.#bubbles = microBatches - 1;
    this.#buffers = graph.buffers;
    this.#perSecond = 1 + this.#bubbles / stages;
    this.#all = cheapestCompletion(graph, { stage: 1, boundary: 1, iteration: 0, memory: 0 });
    this.#compute = cheapestCompletion(graph, { stage: 1, boundary: 0, iteration: 0, memory: 0 });
    this.#priced = priceMemory(graph, { stage: this.#perSecond, boundary: 1, iteration: 1 / stages });
    const byParts = cheapestTotal(this.#all) + (this.#bubbles * cheapestTotal(this.#compute)) / stages;
    this.lowerBound = Math.max(byParts, this.#priced.lowerBound);
  }

  /** Of plans with these full stages and, in `stage`, these layers up to `layer`, which is left in class `leave`. */
  whileFilling(paid: Paid, { stage, layer, leave }: Place & { readonly leave: number }, run: PaidInStage): number {
    const ahead = ({ beyond }: Completion): number => float(at(at(beyond, layer), stage), leave);
    const mean = (run.time + ahead(this.#compute)) / (this.#stages - stage);
    const slowest = Math.max(paid.slowest, run.time, mean);
    const iteration = Math.max(paid.iteration, run.iteration);
    const byParts = paid.total + run.time + ahead(this.#all) + this.#bubbles * slowest + iteration;
    const inStage = this.#perSecond * run.time + run.iteration / this.#stages + this.#charge(stage, run);
    return Math.max(byParts, this.#shares(paid, stage) + inStage + ahead(this.#priced.completion));
  }

  /** Of plans with these full stages, of which `stage` begins at `layer`, which is entered by class `enter`. */
  whenFull(paid: Paid, { stage, layer, enter }: Place & { readonly enter: number }): number {
    const ahead = ({ into }: Completion): number => float(at(at(into, layer), stage), enter);
    const mean = ahead(this.#compute) / (this.#stages - stage);
    const byParts = paid.total + ahead(this.#all) + this.#bubbles * Math.max(paid.slowest, mean) + paid.iteration;
    return Math.max(byParts, this.#shares(paid, stage) + ahead(this.#priced.completion));
  }

  /** What `stage` full stages count for, less the price of the memory of the others. */
  #shares({ total, slowest, iteration }: Paid, stage: number): number {
    const share = stage / this.#stages;
    return total + share * (this.#bubbles * slowest + iteration) - (this.#stages - stage) * this.#priced.price;
  }

  /** A stage that already needs a buffer above the least has so much less room. */
  #charge(stage: number, { memory, buffer }: PaidInStage): number {
    const buffers = at(this.#buffers, stage);
    return perByte(this.#priced.price, buffers) * (memory + buffer - buffers.least);
  }
}

export interface Place {
  readonly stage: number;
  readonly layer: number;
}
