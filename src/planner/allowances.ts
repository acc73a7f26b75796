import { at } from './at.ts';
import { float } from './entries.ts';
import type { LayeredGraph, Place } from './layered-graph.ts';
import type { Step, StageSteps } from './stage-steps.ts';

/**
 * What a run of layers may cost and still be part of a plan below a cutoff, under several pricings of time, per-iteration
 * cost and memory. A run that ends the stage may be charged what the cutoff leaves it, and the price of the room, since
 * its memory fits; one that goes on, as much as the best of longer runs, less the charges of the layers between.
 */
export class Allowances {
  readonly #first: number;
  readonly #least: number;
  readonly #leaves: readonly number[];
  /** Most that a run may be charged, by its last layer: entry pricing · leaves + leave. */
  readonly #most: readonly Float64Array[];
  readonly #time: Float64Array;
  readonly #iteration: Float64Array;
  /** Of each pricing, for one part of the stage's memory. */
  readonly #memory: Float64Array;

  /** @param ends by the layer with which the stage ends, from its first: what such a run may be charged */
  constructor(graph: LayeredGraph, steps: StageSteps, { stage, layer }: Place, ends: readonly Float64Array[]) {
    const room = at(graph.room, stage);
    this.#first = layer;
    this.#least = at(graph.buffers, stage).least;
    this.#time = Float64Array.from(steps.pricings, ({ time }) => time);
    this.#iteration = Float64Array.from(steps.pricings, ({ iteration }) => iteration);
    this.#memory = Float64Array.from(steps.pricings, ({ memory }) => memory / room);
    this.#leaves = ends.map((end) => end.length / steps.pricings.length);
    const most = ends.map((end) => end.slice());
    for (let index = most.length - 2; index >= 0; index -= 1) {
      raise(at(most, index), at(most, index + 1), steps.of(layer + index + 1, stage));
    }
    this.#most = most;
  }

  /** The last layer with which the stage may end. */
  get last(): number {
    return this.#first + this.#most.length - 1;
  }

  /** By how much a run may still exceed what it needs to at least: of every pricing, the least, by its weight of time. */
  // eslint-disable-next-line max-params -- as of `admits`.
  slack(layer: number, leave: number, time: number, iteration: number, memory: number): number {
    const most = at(this.#most, layer - this.#first);
    const leaves = at(this.#leaves, layer - this.#first);
    const beyond = memory - this.#least;
    let least = Infinity;
    for (let index = 0, entry = leave; index < this.#time.length; index += 1, entry += leaves) {
      const charge =
        float(this.#time, index) * time +
        float(this.#iteration, index) * iteration +
        float(this.#memory, index) * beyond;
      least = Math.min(least, float(most, entry) - charge);
    }
    return least;
  }

  /** Whether a run up to `layer`, left by class `leave`, may be part of a plan below the cutoff. */
  // eslint-disable-next-line max-params -- the innermost loop of the search: an object for each call would be felt.
  admits(layer: number, leave: number, time: number, iteration: number, memory: number): boolean {
    const most = at(this.#most, layer - this.#first);
    const leaves = at(this.#leaves, layer - this.#first);
    const beyond = memory - this.#least;
    for (let index = 0, entry = leave; index < this.#time.length; index += 1, entry += leaves) {
      const charge =
        float(this.#time, index) * time +
        float(this.#iteration, index) * iteration +
        float(this.#memory, index) * beyond;
      if (charge >= float(most, entry)) {
        return false;
      }
    }
    return true;
  }
}

/** Raises what runs may be charged to what they may be if they go on by a layer. */
function raise(most: Float64Array, longer: Float64Array, { go, leavesBefore, leaves }: Step): void {
  for (let row = 0; row < most.length; row += 1) {
    const base = Math.floor(row / leavesBefore) * leaves;
    let best = float(most, row);
    for (let leave = 0; leave < leaves; leave += 1) {
      best = Math.max(best, float(longer, base + leave) - float(go, row * leaves + leave));
    }
    most[row] = best;
  }
}
