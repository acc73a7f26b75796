/** A run's configuration in the cost model's terms. */
import type { Layout } from '../cost/price.ts';
import type { Candidate, Strategy, Workload } from '../cost/workload.ts';
import { range } from '../planner/at.ts';
import { evenPlacement } from './placement.ts';
import { hardwareOfRun } from './run-hardware.ts';
import { modelOfRun } from './run-model.ts';
import type { Run, RunLayout } from './run.ts';

/** @throws {UserError} where the catalogue does not know the device */
export function workloadOfRun(run: Run): Workload {
  const { layout, machine, precision } = run;
  return {
    model: modelOfRun(run),
    training: {
      globalBatchSize: layout.globalBatch,
      precision,
      optimizer: 'AdamW',
    },
    planning: {
      parallelisms: [],
      zeroStages: [],
      recomputations: [],
      engine: 'uniap',
      sequenceParallel: layout.sequenceParallel,
      schedule: layout.virtualStages > 1 ? 'Interleaved1F1B' : '1F1B',
      virtualStages: layout.virtualStages,
    },
    hardware: hardwareOfRun(machine),
    gpus: machine.gpus,
    software: run.software.loop,
  };
}

export function candidateOfRun({ layout }: Run): Candidate {
  const { globalBatch, microBatch, data, stages, virtualStages } = layout;
  return { stages, virtualStages, microBatches: globalBatch / (microBatch * data) };
}

/** Blocks evenly, the embedding with the first of them and the head with the last. */
export function layoutOfRun({ layout, shape }: Run): Layout {
  const chunks = layout.stages * layout.virtualStages;
  const blocks = range(0, shape.layers);
  return {
    placement: evenPlacement(shape.layers + 2, chunks),
    strategies: [
      strategyOf(layout, 'None'),
      ...blocks.map((block) => strategyOf(layout, recomputationOf(layout, block))),
      strategyOf(layout, 'None'),
    ],
  };
}

function recomputationOf({ recomputation }: RunLayout, block: number): Strategy['recomputation'] {
  if (recomputation === 'Alternate') return block % 2 === 0 ? 'Full' : 'None';
  return recomputation;
}

function strategyOf(layout: RunLayout, recomputation: Strategy['recomputation']): Strategy {
  const { tensor, sequenceParallel, data, shards, zeroStage } = layout;
  return {
    tensor,
    sequenceParallel,
    replicas: data / shards,
    shards,
    zeroStage: zeroStage === 0 ? 3 : zeroStage,
    recomputation,
  };
}
