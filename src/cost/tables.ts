/** A candidate as the planner's tables. */
import { invariant } from '../api/errors.ts';
import { at, range } from '../planner/at.ts';
import type { LayerCosts, Problem } from '../planner/problem.ts';
import { edgesOf } from './edges.ts';
import { microBatchesInFlight } from './in-flight.ts';
import { layerPricer, type LayerCost } from './layer-cost.ts';
import { placedLayers, type PlacedLayer } from './layers.ts';
import { relayedBytes, usableBytes } from './memory-limit.ts';
import { strategiesOf } from './strategies.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

export interface Tables {
  readonly problem: Problem;
  /** Strategy k of the tables. */
  readonly strategies: readonly Strategy[];
}

/**
 * The planning problem of a candidate; null where no strategy can be. Layers that cost the same share their arrays, and so do
 * stages with equal rows. `Infinity` stands for a strategy that a layer cannot have.
 */
export function tables(workload: Workload, candidate: Candidate): Tables | null {
  const strategies = strategiesOf(workload, candidate);
  if (strategies.length === 0) {
    return null;
  }
  const layers = placedLayers(workload.model.layers);
  const costs = new Map(
    [...new Set(layers)].map((placed) => [placed, costsOf(placed, workload, candidate, strategies)]),
  );
  const rows = new Map([...costs].map(([placed, row]) => [placed, rowsOf(row, workload, candidate)]));
  const edges = edgesOf(workload, candidate, strategies);
  const problem: Problem = {
    stages: candidate.stages,
    microBatches: candidate.microBatches,
    memoryLimit: memoryLimits(workload, candidate, strategies),
    layers: layers.map((placed, index) => {
      const figures = rows.get(placed);
      invariant(figures, 'a layer was not priced');
      return { name: at(workload.model.layers, index).name, ...figures };
    }),
    reshard: edges.map(({ reshard }) => reshard),
    transfer: edges.map(({ transfer }) => transfer),
  };
  return { problem, strategies };
}

/** One entry a strategy; null where the layer cannot be split so. */
function costsOf(
  placed: PlacedLayer,
  workload: Workload,
  candidate: Candidate,
  strategies: readonly Strategy[],
): readonly (LayerCost | null)[] {
  const price = layerPricer(placed, workload, candidate);
  return strategies.map((strategy) => (placed.layer.tensorDegrees.includes(strategy.tensor) ? price(strategy) : null));
}

/** One row a stage, the same array for stages that hold as many micro-batches. */
function rowsOf(
  costs: readonly (LayerCost | null)[],
  workload: Workload,
  candidate: Candidate,
): Omit<LayerCosts, 'name'> {
  const row = (figure: (cost: LayerCost) => number): readonly number[] =>
    costs.map((cost) => (cost === null ? Infinity : figure(cost)));
  const everyStage = (same: readonly number[]): readonly (readonly number[])[] =>
    range(0, candidate.stages).map(() => same);
  const memory = new Map<number, readonly number[]>();
  return {
    time: everyStage(row((cost) => cost.computation + cost.tensor + cost.sharding)),
    buffers: everyStage(row((cost) => cost.buffers)),
    perIteration: everyStage(row((cost) => cost.data + cost.optimizer)),
    memory: range(0, candidate.stages).map((stage) => {
      const inFlight = microBatchesInFlight(workload, candidate, stage);
      const bytes = memory.get(inFlight) ?? row((cost) => cost.states + cost.gradients + inFlight * cost.activations);
      memory.set(inFlight, bytes);
      return bytes;
    }),
  };
}

function memoryLimits(workload: Workload, candidate: Candidate, strategies: readonly Strategy[]): readonly number[] {
  const widest = Math.max(...strategies.map((strategy) => (strategy.sequenceParallel ? 1 : strategy.tensor)));
  return range(0, candidate.stages).map(
    (stage) => usableBytes(workload) - relayedBytes(workload, candidate, stage, widest),
  );
}
