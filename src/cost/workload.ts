import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Model } from '../model/layer.ts';
import type { MeasuredLayers } from '../profile/measured/measured-layers.ts';
import type { Hardware } from './hardware.ts';
import { PLANNED_SOFTWARE, type Software } from './software.ts';

/** What is to be priced: a model to be trained on some GPUs. */
export interface Workload {
  readonly model: Pick<Model, 'layers'>;
  readonly training: Pick<TrainingJobSpec['training'], 'globalBatchSize' | 'precision' | 'optimizer'>;
  readonly planning: Pick<
    TrainingJobSpec['planning'],
    | 'parallelisms'
    | 'sequenceParallel'
    | 'schedule'
    | 'virtualStages'
    | 'zeroStages'
    | 'recomputations'
    | 'engine'
    | 'pipelineDegree'
    | 'microBatches'
    | 'tensorDegree'
    | 'dataDegree'
    | 'shardDegree'
    | 'memoryLimitBytes'
  >;
  readonly hardware: Hardware;
  readonly gpus: number;
  /** Default: {@link PLANNED_SOFTWARE}. */
  readonly software?: Software;
  /** What was measured of the model's layers on this hardware, which counts before what is predicted. */
  readonly measured?: readonly MeasuredLayers[];
}

/** pp and c, and what else all layers have in common. */
export interface Candidate {
  /** Pipeline stages; divides the GPUs. */
  readonly stages: number;
  /** Micro-batches in a step; divides the global batch. */
  readonly microBatches: number;
  /** v: chunks of the model in each stage under interleaved 1F1B; 1 otherwise. */
  readonly virtualStages: number;
  /** Where layers must agree: what those of the candidate agree on. */
  readonly only?: Agreement;
}

/** Layers that may have to agree: all; those that use a tied weight; those of a kind that repeats, and those that do not. */
export type LayerGroup = 'all' | 'tied' | 'blocks' | 'ends';

/** What the layers of a group agree on. */
export type Agreement = Readonly<Partial<Record<LayerGroup, Partial<Strategy>>>>;

/** The rule that the layers of a group agree on some of a strategy's fields. */
export interface AgreementRule {
  readonly group: LayerGroup;
  readonly on: readonly (keyof Strategy)[];
}

/** How a layer is split among the S GPUs of its stage: tensor · replicas · shards = S. */
export interface Strategy {
  readonly tensor: number;
  readonly sequenceParallel: boolean;
  /** Groups that hold copies of the parameters and sum their gradients once per iteration. */
  readonly replicas: number;
  /** Data-parallel ranks that split what {@link zeroStage} says among them. */
  readonly shards: number;
  /** ZeRO (arXiv 1910.02054): shards split optimizer states; gradients too; parameters too (FSDP). 3 where shards is 1. */
  readonly zeroStage: 1 | 2 | 3;
  /** What the backward pass computes again: nothing; the attention core (arXiv 2205.05198); all but the layer's input. */
  readonly recomputation: 'None' | 'Selective' | 'Full';
}

export function softwareOf({ software }: Pick<Workload, 'software'>): Software {
  return software ?? PLANNED_SOFTWARE;
}

/** Bytes of an activation, and of a parameter in computation. */
export function bytesPerElement({ training }: Pick<Workload, 'training'>): number {
  return training.precision === 'FP32' ? 4 : 2;
}

/** S, the GPUs of a stage. */
export function gpusPerStage({ gpus }: Pick<Workload, 'gpus'>, { stages }: Pick<Candidate, 'stages'>): number {
  return gpus / stages;
}
