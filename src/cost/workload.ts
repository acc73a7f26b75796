import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Model } from '../model/layer.ts';
import type { Hardware } from './hardware.ts';

/** What is to be priced: a model to be trained on some GPUs. */
export interface Workload {
  readonly model: Pick<Model, 'layers'>;
  readonly training: Pick<TrainingJobSpec['training'], 'globalBatchSize' | 'precision' | 'optimizer'>;
  readonly planning: Pick<
    TrainingJobSpec['planning'],
    | 'parallelisms'
    | 'sequenceParallel'
    | 'schedule'
    | 'pipelineDegree'
    | 'microBatches'
    | 'tensorDegree'
    | 'dataDegree'
    | 'shardDegree'
    | 'memoryLimitBytes'
  >;
  readonly hardware: Hardware;
  readonly gpus: number;
}

/** pp and c. */
export interface Candidate {
  /** Pipeline stages; divides the GPUs. */
  readonly stages: number;
  /** Micro-batches in a step; divides the global batch. */
  readonly microBatches: number;
}

/** How a layer is split among the S GPUs of its stage: tensor · replicas · shards = S. */
export interface Strategy {
  readonly tensor: number;
  readonly sequenceParallel: boolean;
  /** Groups that hold copies of the parameters and sum their gradients once per iteration. */
  readonly replicas: number;
  /** Ranks that split parameters, gradients and optimizer states among them (fully sharded data parallelism). */
  readonly shards: number;
  readonly recomputation: 'None' | 'Full';
}

/** The kernels that the cost model takes to run: one for each elementwise operator, as compilers and fused libraries provide. */
export const KERNELS = 'fused';

/** Bytes of an activation, and of a parameter in computation. */
export function bytesPerElement({ training }: Pick<Workload, 'training'>): number {
  return training.precision === 'FP32' ? 4 : 2;
}

/** S, the GPUs of a stage. */
export function gpusPerStage({ gpus }: Pick<Workload, 'gpus'>, { stages }: Candidate): number {
  return gpus / stages;
}

/** Micro-batches whose activations stage i holds at once: all under GPipe; under 1F1B as many as stages lie ahead, itself included. */
export function microBatchesInFlight(
  { planning }: Workload,
  { stages, microBatches }: Candidate,
  stage: number,
): number {
  return planning.schedule === 'GPipe' ? microBatches : Math.min(microBatches, stages - stage);
}
