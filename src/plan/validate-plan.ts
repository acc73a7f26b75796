/** What must hold of any plan before it runs, whoever wrote it: checked in order, the first fault is reported. */
import { UserError } from '../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';
import { gpusPerStage } from './ranks.ts';

type Check = (plan: ParallelPlanSpec, layerCount: number) => UserError | null;

/**
 * Checks a plan for a model of `layerCount` layers.
 *
 * @throws UserError naming the first fault and what would work.
 */
export function validatePlan(plan: ParallelPlanSpec, layerCount: number): void {
  const checks: readonly Check[] = [
    stagesShareGpus,
    batchSplits,
    virtualStagesInterleave,
    runsAreInChunks,
    layersAreCovered,
    runsFillStages,
    nodesSumUp,
  ];
  for (const check of checks) {
    const fault = check(plan, layerCount);
    if (fault !== null) throw fault;
  }
}

const stagesShareGpus: Check = ({ gpus, stages }) =>
  gpus % stages.length === 0
    ? null
    : new UserError({
        field: 'spec.gpus',
        problem: `${gpus} GPUs cannot be shared equally by ${stages.length} stages`,
        remedy: `use a multiple of ${stages.length}`,
      });

const batchSplits: Check = ({ globalBatchSize, microBatches }) =>
  globalBatchSize % microBatches === 0
    ? null
    : new UserError({
        field: 'spec.microBatches',
        problem: `a global batch of ${globalBatchSize} samples cannot be cut into ${microBatches} equal micro-batches`,
        remedy: `use a number that divides ${globalBatchSize}`,
      });

/** Interleaved 1F1B takes micro-batches through the chunks of the stages in rounds of one for each stage (arXiv 2104.04473). */
const virtualStagesInterleave: Check = ({ virtualStages, schedule, stages, microBatches }) => {
  if (virtualStages === 1) return null;
  if (schedule !== 'Interleaved1F1B') {
    return new UserError({
      field: 'spec.virtualStages',
      problem: `${virtualStages} virtual stages under the schedule ${schedule}`,
      remedy: 'use schedule Interleaved1F1B, or 1 virtual stage',
    });
  }
  if (stages.length === 1) {
    return new UserError({
      field: 'spec.virtualStages',
      problem: `${virtualStages} virtual stages, and only one pipeline stage`,
      remedy: 'use 1 virtual stage, or more stages',
    });
  }
  return microBatches % stages.length === 0
    ? null
    : new UserError({
        field: 'spec.microBatches',
        problem: `${microBatches} micro-batches cannot be interleaved on ${stages.length} stages`,
        remedy: `use a multiple of ${stages.length}`,
      });
};

const runsAreInChunks: Check = ({ stages, virtualStages }) => {
  for (const [stage, { layers }] of stages.entries()) {
    const chunks = layers.map(({ virtualStage }) => virtualStage);
    const expected = Array.from({ length: virtualStages }, (_, chunk) => chunk);
    const inOrder = chunks.every((chunk, index) => chunk >= (chunks[index - 1] ?? 0));
    if (!inOrder || new Set(chunks).size < virtualStages || chunks.some((chunk) => chunk >= virtualStages)) {
      return new UserError({
        field: `spec.stages[${stage}].layers`,
        problem: `the runs are of virtual stages ${chunks.join(', ')}`,
        remedy: `list runs of each of the virtual stages ${expected.join(', ')}, in this order`,
      });
    }
  }
  return null;
};

const layersAreCovered: Check = (plan, layerCount) => {
  let expected = 0;
  for (const { run, field } of runsInModelOrder(plan)) {
    if (run.first !== expected || run.last < run.first) {
      return new UserError({
        field,
        problem: `layers ${run.first} to ${run.last} stand where layer ${expected} is next`,
        remedy: 'every layer must be in one run, in order',
      });
    }
    expected = run.last + 1;
  }
  return expected === layerCount
    ? null
    : new UserError({
        field: 'spec.stages',
        problem: `the stages hold layers 0 to ${expected - 1}, and the model has layers 0 to ${layerCount - 1}`,
      });
};

const runsFillStages: Check = (plan) => {
  for (const { run, field } of runsOf(plan)) {
    const fault = runFault(plan, run);
    if (fault !== null) return new UserError({ field, ...fault });
  }
  return null;
};

function runFault(plan: ParallelPlanSpec, run: LayerRun): { readonly problem: string; readonly remedy: string } | null {
  const { tensor, shards, replicas } = run;
  const available = gpusPerStage(plan);
  if (tensor * shards * replicas !== available) {
    return {
      problem: `tensor ${tensor} × shards ${shards} × replicas ${replicas} = ${tensor * shards * replicas} GPUs`,
      remedy: `a stage has ${available} GPUs, and every run of layers must use all of them`,
    };
  }
  const samples = plan.globalBatchSize / plan.microBatches;
  if (samples % (shards * replicas) !== 0) {
    return {
      problem: `a micro-batch of ${samples} samples cannot be shared equally by shards ${shards} × replicas ${replicas}`,
      remedy: `shards × replicas must divide ${samples}; use fewer microBatches or a larger globalBatchSize`,
    };
  }
  if (run.sequenceParallel && tensor === 1) {
    return {
      problem: 'sequenceParallel needs tensor parallelism',
      remedy: 'set sequenceParallel to false, or tensor to at least 2',
    };
  }
  return null;
}

const nodesSumUp: Check = ({ nodes, gpus }) => {
  if (nodes === undefined) return null;
  const names = new Set(nodes.map(({ name }) => name));
  if (names.size !== nodes.length) {
    return new UserError({ field: 'spec.nodes', problem: 'a node is named twice', remedy: 'name each node once' });
  }
  const sum = nodes.reduce((total, node) => total + node.gpus, 0);
  return sum === gpus
    ? null
    : new UserError({
        field: 'spec.nodes',
        problem: `the nodes give ${sum} GPUs and the plan has ${gpus}`,
        remedy: `let the nodes' gpus sum to ${gpus}, or leave nodes out to have them chosen`,
      });
};

interface PlacedRun {
  readonly run: LayerRun;
  readonly field: string;
}

function runsOf({ stages }: ParallelPlanSpec): readonly PlacedRun[] {
  return stages.flatMap(({ layers }, stage) =>
    layers.map((run, index) => ({ run, field: `spec.stages[${stage}].layers[${index}]` })),
  );
}

/** The first chunks of all stages, then the second ones, and so on. */
function runsInModelOrder(plan: ParallelPlanSpec): readonly PlacedRun[] {
  return runsOf(plan).toSorted((one, other) => one.run.virtualStage - other.run.virtualStage);
}
