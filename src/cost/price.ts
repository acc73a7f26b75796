/** What a given layout costs, by cause: the same sums as the planner's, over the same costs. */
import { invariant } from '../api/errors.ts';
import { at, range, sum } from '../planner/at.ts';
import { fits } from '../planner/check.ts';
import type { Assignment } from '../planner/problem.ts';
import { activationAfter } from './edges.ts';
import { chunksInFlight } from './in-flight.ts';
import { layerPricer, type LayerCost } from './layer-cost.ts';
import { placedLayers } from './layers.ts';
import { boundarySeconds, reshardingSeconds } from './layouts.ts';
import { passingBytes, usableBytes } from './memory-limit.ts';
import { reservedBytes } from './reserve.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

/**
 * Where each layer is and how it is split. `placement` counts the chunks of the model in the order in which a micro-batch passes
 * through them, from 0 and non-decreasing: chunk q is in stage q mod pp, of which it is virtual stage ⌊q / pp⌋. Without virtual
 * stages it is the stage.
 */
export interface Layout extends Pick<Assignment, 'placement'> {
  readonly strategies: readonly Strategy[];
}

/** Bytes on each GPU of a stage. */
export interface StageMemory {
  readonly states: number;
  readonly gradients: number;
  readonly activations: number;
  /** Of the layer that needs most while it is worked on. */
  readonly buffers: number;
  /** What other stages made or need: tensors relayed to later layers, and what the stage hands over. */
  readonly passing: number;
}

export interface StagePrice {
  /** Seconds of one micro-batch. */
  readonly computation: number;
  readonly tensor: number;
  readonly sharding: number;
  readonly resharding: number;
  /** What of these four the forward pass takes. */
  readonly forward: number;
  /** Seconds once per iteration. */
  readonly data: number;
  readonly optimizer: number;
  readonly memory: StageMemory;
}

/** Seconds of an iteration by cause; their sum is the iteration. */
export interface TimeByCause {
  /** Of the slowest stage, all micro-batches. */
  readonly computation: number;
  readonly tensor: number;
  readonly sharding: number;
  readonly resharding: number;
  /** Filling and draining the pipeline: the first micro-batch in the other stages. */
  readonly bubble: number;
  /** Activations and gradients between stages. */
  readonly transfer: number;
  readonly data: number;
  readonly optimizer: number;
}

export interface Price {
  readonly stepSeconds: number;
  readonly time: TimeByCause;
  readonly stages: readonly StagePrice[];
  /** An activation and its gradient across each boundary between stages, once for each chunk; seconds of one micro-batch. */
  readonly boundaries: readonly number[];
  /** Bytes on each GPU that the plan needs, of the stage that needs most, and that it may use. */
  readonly memoryBytes: number;
  readonly usableBytes: number;
  /** Bytes that the runtime takes besides. */
  readonly reservedBytes: number;
  /** But for the rounding of sums, as the planner's checker judges. */
  readonly fits: boolean;
}

/** A layer of a layout with what it costs. */
interface Seat {
  readonly index: number;
  /** Of the chunks of the whole model. */
  readonly chunk: number;
  readonly strategy: Strategy;
  readonly cost: LayerCost;
}

export function priceOf(workload: Workload, candidate: Candidate, layout: Layout): Price {
  const seats = seatsOf(workload, candidate, layout);
  const stages = range(0, candidate.stages).map((stage) => stagePrice(workload, candidate, seats, stage));
  const crossings = crossingsOf(workload, candidate, seats);
  const time = timeByCause(candidate, stages, crossings);
  const memoryBytes = Math.max(...stages.map(({ memory }) => sum(Object.values(memory))));
  const usable = usableBytes(workload);
  return {
    stepSeconds: sum(Object.values(time)),
    time,
    stages,
    boundaries: range(0, candidate.stages - 1).map((stage) =>
      sum(crossings.filter((_, chunk) => chunk % candidate.stages === stage)),
    ),
    memoryBytes,
    usableBytes: usable,
    reservedBytes: reservedBytes(workload.hardware.memoryBytes),
    fits: fits(memoryBytes, usable),
  };
}

function seatsOf(workload: Workload, candidate: Candidate, { placement, strategies }: Layout): readonly Seat[] {
  const layers = placedLayers(workload.model.layers);
  invariant(
    layers.length === placement.length && layers.length === strategies.length,
    `a layout of ${placement.length} layers for a model of ${layers.length}`,
  );
  const pricers = new Map(layers.map((placed) => [placed, layerPricer(placed, workload, candidate)]));
  return layers.map((placed, index) => {
    const price = pricers.get(placed);
    invariant(price, 'a layer without a pricer');
    const strategy = at(strategies, index);
    return { index, chunk: at(placement, index), strategy, cost: price(strategy) };
  });
}

function stagePrice(workload: Workload, candidate: Candidate, seats: readonly Seat[], stage: number): StagePrice {
  const inside = seats.filter(({ chunk }) => chunk % candidate.stages === stage);
  const total = (figure: keyof LayerCost): number => sum(inside.map(({ cost }) => cost[figure]));
  const resharding = inside.slice(1).map((after, index) => {
    const before = at(inside, index);
    if (before.chunk !== after.chunk) {
      return 0;
    }
    const activation = activationAfter(at(workload.model.layers, before.index), workload, candidate);
    return reshardingSeconds(workload.hardware, activation, before.strategy, after.strategy);
  });
  const widest = Math.max(1, ...inside.map(({ strategy }) => (strategy.sequenceParallel ? 1 : strategy.tensor)));
  return {
    computation: total('computation'),
    tensor: total('tensor'),
    sharding: total('sharding'),
    resharding: sum(resharding),
    // An activation goes one way in the forward pass, and its gradient back in the backward pass.
    forward: total('forward') + sum(resharding) / 2,
    data: total('data'),
    optimizer: total('optimizer'),
    memory: {
      states: total('states'),
      gradients: total('gradients'),
      activations: activationBytes(workload, candidate, inside, stage),
      buffers: Math.max(0, ...inside.map(({ cost }) => cost.buffers)),
      passing: passingBytes(workload, candidate, stage, widest),
    },
  };
}

/** At the moment at which the chunks of the stage hold most. */
function activationBytes(workload: Workload, candidate: Candidate, inside: readonly Seat[], stage: number): number {
  const ofChunks = range(0, candidate.virtualStages).map((virtualStage) =>
    sum(
      inside
        .filter(({ chunk }) => Math.floor(chunk / candidate.stages) === virtualStage)
        .map(({ cost }) => cost.activations),
    ),
  );
  const moments = chunksInFlight(workload, candidate, stage);
  return Math.max(...moments.map((counts) => sum(counts.map((count, chunk) => count * at(ofChunks, chunk)))));
}

/**
 * o of the crossing after each chunk of the model but the last; a tensor that skips a chunk crosses on its way. After a chunk of the
 * last stage that leads back to the first. Seconds of one micro-batch.
 */
function crossingsOf(workload: Workload, candidate: Candidate, seats: readonly Seat[]): readonly number[] {
  const { stages, virtualStages } = candidate;
  return range(0, stages * virtualStages - 1).map((chunk) => {
    const index = seats.findIndex((seat) => seat.chunk > chunk);
    const [from, to] = [at(seats, index - 1), at(seats, index)];
    const activation = activationAfter(at(workload.model.layers, from.index), workload, candidate);
    return boundarySeconds(workload.hardware, activation, from.strategy, to.strategy);
  });
}

/**
 * Σp + Σo + (c − 1) · max(p, o) + max e, by the causes of the stage or boundary that each maximum is at. With v virtual stages
 * each of v · c passes takes 1/v of a stage's time, so that a v-th of the bubble is left (arXiv 2104.04473, section 2.2), and
 * crosses a boundary once; the first micro-batch waits for all crossings.
 */
function timeByCause(
  { microBatches, virtualStages }: Candidate,
  stages: readonly StagePrice[],
  crossings: readonly number[],
): TimeByCause {
  const slowest = largest(stages, stageSeconds);
  const last = largest(stages, ({ data, optimizer }) => data + optimizer);
  const others = sum(stages.map(stageSeconds)) - stageSeconds(slowest);
  // Where a boundary is slower than the passes of every stage, stages wait for it.
  const waiting = Math.max(0, ...crossings.map((seconds) => seconds - stageSeconds(slowest) / virtualStages));
  return {
    computation: microBatches * slowest.computation,
    tensor: microBatches * slowest.tensor,
    sharding: microBatches * slowest.sharding,
    resharding: microBatches * slowest.resharding,
    bubble: others / virtualStages,
    transfer: sum(crossings) + (virtualStages * microBatches - 1) * waiting,
    data: last.data,
    optimizer: last.optimizer,
  };
}

/** Of one micro-batch, forward and backward. */
export function stageSeconds({ computation, tensor, sharding, resharding }: StagePrice): number {
  return computation + tensor + sharding + resharding;
}

function largest(stages: readonly StagePrice[], figure: (stage: StagePrice) => number): StagePrice {
  return stages.reduce((most, stage) => (figure(stage) > figure(most) ? stage : most));
}
