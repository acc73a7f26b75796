import { at } from './at.ts';
import { float } from './entries.ts';
import type { LayeredGraph } from './layered-graph.ts';
import type { Outlook } from './outlook.ts';
import { beginning, extended, type Pricing, StageSteps, type Step } from './stage-steps.ts';

/** What a stage is counted for: w · p + v · e. */
export type Measure = Omit<Pricing, 'memory'>;

/** Layers of a stage, from its first, and what they cost at least. */
export interface BoundedRun {
  readonly leaves: number;
  /** Entry leave · measures + measure. Ticks; Infinity where even the leanest strategies do not fit. */
  readonly bounds: Float64Array;
  /** Under each pricing: entry pricing · leaves + leave. */
  readonly charges: Float64Array;
  /** Runs that are longer by a layer. */
  readonly longer: Map<Step, BoundedRun>;
}

/** The first measures; those of p + θ e follow. */
const [TIME, ITERATION, MEAN, TRADES] = [0, 1, 2, 3];

/** The θ of p + θ e, as multiples of 1/c. */
const TRADE_OFFS = [1 / 4, 1 / 2, 1, 2, 4];

/**
 * Lower bounds of what a stage costs that holds some layers: the cheapest path through them with memory at a price, less
 * the price of the stage's room, at the best of several prices. Runs of equal layers are worked out once.
 */
export class RunBounds {
  readonly #measures: readonly Measure[];
  readonly #steps: StageSteps;
  readonly #prices: readonly number[];
  /** The runs of one layer, by class of entry. */
  readonly #first = new Map<Step, (BoundedRun | undefined)[]>();

  /** @param mean the measure of {@link mean} */
  constructor(graph: LayeredGraph, { prices }: Outlook, mean: Measure) {
    const { microBatches } = graph.problem;
    this.#prices = prices;
    this.#measures = [
      { time: 1, iteration: 0 },
      { time: 0, iteration: 1 },
      mean,
      ...TRADE_OFFS.map((multiple) => ({ time: 1, iteration: multiple / microBatches })),
    ];
    const leanest = { time: 0, iteration: 0, memory: 1 };
    const priced = this.#measures.flatMap((measure) =>
      prices.map((price) => ({ ...measure, memory: price * weight(measure) })),
    );
    this.#steps = new StageSteps(graph, [leanest, ...priced]);
  }

  /** Of layer `u`, entered by class `enter`. */
  begin(stage: number, u: number, enter: number): BoundedRun {
    const step = this.#steps.of(u, stage);
    const known = this.#first.get(step) ?? [];
    this.#first.set(step, known);
    return (known[enter] ??= this.#bounded(beginning(step, enter, this.#steps.pricings.length), step.leaves));
  }

  /** Of a run and layer `u` after it. */
  extend(run: BoundedRun, stage: number, u: number): BoundedRun {
    const step = this.#steps.of(u, stage);
    const known = run.longer.get(step);
    if (known !== undefined) {
      return known;
    }
    const longer = this.#bounded(extended(run.charges, step), step.leaves);
    run.longer.set(step, longer);
    return longer;
  }

  /** The least p of a run that is left by a class. */
  time(run: BoundedRun, leave: number): number {
    return this.#bound(run, leave, TIME);
  }

  /** The least of the mean measure. */
  mean(run: BoundedRun, leave: number): number {
    return this.#bound(run, leave, MEAN);
  }

  /** The least e where p is at most `time`. */
  iterationAt(run: BoundedRun, leave: number, time: number): number {
    let most = this.#bound(run, leave, ITERATION);
    for (let measure = TRADES; measure < this.#measures.length; measure += 1) {
      most = Math.max(most, (this.#bound(run, leave, measure) - time) / at(this.#measures, measure).iteration);
    }
    return most;
  }

  /** The p at which nothing keeps e from being least. */
  timeOfLeastIteration(run: BoundedRun, leave: number): number {
    const iteration = this.#bound(run, leave, ITERATION);
    let most = this.#bound(run, leave, TIME);
    for (let measure = TRADES; measure < this.#measures.length; measure += 1) {
      most = Math.max(most, this.#bound(run, leave, measure) - at(this.#measures, measure).iteration * iteration);
    }
    return most;
  }

  #bound({ bounds }: BoundedRun, leave: number, measure: number): number {
    return float(bounds, leave * this.#measures.length + measure);
  }

  #bounded(charges: Float64Array, leaves: number): BoundedRun {
    const bounds = new Float64Array(leaves * this.#measures.length).fill(Infinity);
    for (let leave = 0; leave < leaves; leave += 1) {
      // The leanest strategies are charged their share of the room.
      for (let measure = 0; float(charges, leave) <= 1 && measure < this.#measures.length; measure += 1) {
        bounds[leave * this.#measures.length + measure] = this.#bestOfPrices(charges, { leaves, leave, measure });
      }
    }
    return { leaves, bounds, charges, longer: new Map() };
  }

  #bestOfPrices(
    charges: Float64Array,
    { leaves, leave, measure }: { readonly leaves: number; readonly leave: number; readonly measure: number },
  ): number {
    const prices = this.#prices;
    const scale = weight(at(this.#measures, measure));
    let most = 0;
    for (let k = 0; k < prices.length; k += 1) {
      const charge = float(charges, (1 + measure * prices.length + k) * leaves + leave);
      most = Math.max(most, charge - scale * at(prices, k));
    }
    return most;
  }
}

/** What memory is priced by: prices are in ticks of p. */
function weight({ time, iteration }: Measure): number {
  return Math.max(time, iteration);
}
