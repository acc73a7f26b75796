/** R and R' of the edges of the chain: what handing over an activation costs between any two strategies. */
import { engineLimits } from './engines.ts';
import type { Layer } from '../model/layer.ts';
import type { Matrix } from '../planner/problem.ts';
import { boundarySeconds, reshardingSeconds, type Activation, type Layout } from './layouts.ts';
import { bytesPerElement, gpusPerStage, type Candidate, type Strategy, type Workload } from './workload.ts';

export interface Edge {
  readonly reshard: Matrix;
  readonly transfer: Matrix;
}

/** One entry an edge; edges with equally large activations are the same object. */
export function edgesOf(workload: Workload, candidate: Candidate, strategies: readonly Strategy[]): readonly Edge[] {
  const known = new Map<number, Edge>();
  return workload.model.layers.slice(0, -1).map((layer) => {
    const activation = activationAfter(layer, workload, candidate);
    const edge = known.get(activation.bytes) ?? edgeOf(workload, activation, strategies);
    known.set(activation.bytes, edge);
    return edge;
  });
}

/** What a layer hands over in a micro-batch: its output and what rides along. */
export function activationAfter(layer: Layer, workload: Workload, candidate: Candidate): Activation {
  const samples = workload.training.globalBatchSize / candidate.microBatches;
  return {
    bytes: (layer.outputElements + layer.relayedElements) * samples * bytesPerElement(workload),
    gpusPerStage: gpusPerStage(workload, candidate),
    shared: engineLimits(workload.planning.engine).splitsSequences ? 'sequence' : 'tokens',
  };
}

function edgeOf({ hardware }: Workload, activation: Activation, strategies: readonly Strategy[]): Edge {
  return {
    reshard: matrix(strategies, (from, to) => reshardingSeconds(hardware, activation, from, to)),
    transfer: matrix(strategies, (from, to) => boundarySeconds(hardware, activation, from, to)),
  };
}

/** Rows of strategies with one layout are the same array. */
function matrix(strategies: readonly Strategy[], seconds: (from: Layout, to: Layout) => number): Matrix {
  const rows = new Map<string, readonly number[]>();
  return strategies.map((from) => {
    const key = `${from.tensor} ${from.sequenceParallel}`;
    const row = rows.get(key) ?? strategies.map((to) => seconds(from, to));
    rows.set(key, row);
    return row;
  });
}
