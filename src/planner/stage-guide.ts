import { Ahead } from './ahead.ts';
import { Allowances } from './allowances.ts';
import { range } from './at.ts';
import type { LayeredGraph, Place } from './layered-graph.ts';
import { leastTogether, type Outlay, thinned, type Weighting } from './outlay.ts';
import type { Outlook } from './outlook.ts';
import { type Measure, RunBounds } from './run-bounds.ts';
import { stageOutlays } from './stage-outlays.ts';
import { StageSteps } from './stage-steps.ts';

/** One way to count what a plan costs at least. */
interface Counting {
  readonly ahead: Ahead;
  /** What full stages have cost. */
  readonly paid: (paid: Outlay, stage: number) => Outlay;
  /** What the stage being filled counts for. */
  readonly measures: readonly Measure[];
  /** What is left of the slowest stage and the largest e to be counted on the others, one entry a measure. */
  readonly rest: readonly Weighting[];
}

/** Ways to pay for full stages that are told apart while a stage is filled. */
const MOST_PAID = 8;

/** Lower bounds of all plans below a cutoff that begin in a given way. */
export class StageGuide {
  /** Of every plan; Infinity where none is below the cutoff. Ticks. */
  readonly lowerBound: number;
  readonly #graph: LayeredGraph;
  readonly #prices: readonly number[];
  readonly #countings: readonly Counting[];
  readonly #steps: StageSteps;

  constructor(graph: LayeredGraph, { prices }: Outlook, bounds: RunBounds, cutoff: number) {
    this.#graph = graph;
    this.#prices = prices;
    this.#countings = countingsOf(graph, bounds, cutoff);
    const pricings = this.#countings.flatMap(({ measures }) =>
      measures.flatMap((measure) => prices.map((price) => ({ ...measure, memory: price * measure.time }))),
    );
    this.#steps = new StageSteps(graph, pricings);
    this.lowerBound = Math.max(...this.#countings.map(({ ahead }) => ahead.lowerBound));
  }

  /** Of plans whose full stages cost so much, and that go on from a place. Ticks. */
  whenFull(paid: Outlay, { stage, layer, enter }: Place): number {
    let most = 0;
    for (const { ahead, paid: counted } of this.#countings) {
      const outlays = ahead.from(stage, layer, enter);
      most = Math.max(most, leastTogether([counted(paid, stage)], outlays, ahead.weighting));
    }
    return most;
  }

  /** What the runs of a stage may cost that begins at a place, after stages that cost one of `paid`. */
  allowances(place: Place, paid: readonly Outlay[], cutoff: number): Allowances {
    const { stage, layer, enter } = place;
    const last = Math.min(...this.#countings.map(({ ahead }) => ahead.lastEnd(stage, layer, enter)));
    const few = thinned([...paid], MOST_PAID);
    const ends = range(layer, last + 1).map((v) => this.#atEnd(stage, v, few, cutoff));
    return new Allowances(this.#graph, this.#steps, place, ends);
  }

  /** What a run that ends the stage with layer `v` may be charged: entry pricing · leaves + leave. */
  #atEnd(stage: number, v: number, paid: readonly Outlay[], cutoff: number): Float64Array {
    const leaves = this.#graph.edges[v]?.leaves ?? 1;
    const rows = this.#countings.flatMap(({ ahead, paid: counted, measures, rest }) => {
      const before = paid.map((outlay) => counted(outlay, stage));
      return measures.flatMap(({ time }, index) => {
        const others = range(0, leaves).map((leave) =>
          leastTogether(before, ahead.after(stage, v, leave), rest[index] ?? NONE),
        );
        return this.#prices.flatMap((price) => others.map((least) => cutoff - least + price * time));
      });
    });
    return Float64Array.from(rows);
  }
}

const NONE: Weighting = { slowest: 0, iteration: 0 };

/** Shares of the slowest stage and of the largest e that are counted on the stage being filled. */
const SHARES = { slowest: [0, 1 / 4, 1 / 2, 3 / 4, 1], iteration: [0, 1 / 2, 1] } as const;

/** What plans are counted by: the slowest stage and the largest e as such, or both as means of all stages. */
function countingsOf(graph: LayeredGraph, bounds: RunBounds, cutoff: number): Counting[] {
  const { stages, microBatches } = graph.problem;
  const bubbles = microBatches - 1;
  const mean = meanMeasure(graph);
  const byMeans: Counting = {
    ahead: new Ahead(graph, bounds, {
      outlays: (run, leave, most) => {
        const [time, total] = [bounds.time(run, leave), bounds.mean(run, leave)];
        return time < most ? [{ total, slowest: 0, iteration: 0 }] : [];
      },
      measure: mean,
      weighting: NONE,
      cutoff,
    }),
    paid: ({ total, slowest, iteration }, stage) => {
      const share = stage / stages;
      return { total: total + share * (bubbles * slowest + iteration), slowest: 0, iteration: 0 };
    },
    measures: [mean],
    rest: [NONE],
  };
  if (stages === 1 || byMeans.ahead.lowerBound === Infinity) {
    return [byMeans];
  }
  const shares = SHARES.slowest.flatMap((slowest) => SHARES.iteration.map((iteration) => ({ slowest, iteration })));
  const asSuch: Counting = {
    ahead: new Ahead(graph, bounds, {
      outlays: stageOutlays(bounds, stages),
      measure: { time: 1, iteration: 0 },
      weighting: { slowest: bubbles, iteration: 1 },
      cutoff,
      within: byMeans.ahead,
    }),
    paid: (paid) => paid,
    measures: shares.map(({ slowest, iteration }) => ({ time: 1 + slowest * bubbles, iteration })),
    rest: shares.map(({ slowest, iteration }) => ({ slowest: (1 - slowest) * bubbles, iteration: 1 - iteration })),
  };
  return [byMeans, asSuch];
}

/** Each of pp stages is no slower than the slowest and pays no more per iteration than the largest: 1/pp of each counts. */
export function meanMeasure({ problem: { stages, microBatches } }: LayeredGraph): Measure {
  return { time: 1 + (microBatches - 1) / stages, iteration: 1 / stages };
}
