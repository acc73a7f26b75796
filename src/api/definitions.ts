/** The kinds of this API as the cluster is told of them: names, and what `kubectl get` prints. */
import type { TObject } from 'typebox';
import { ParallelPlan } from './parallel-plan.ts';
import { TrainingJob } from './training-job.ts';

interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number;
}

export interface ResourceDefinition {
  readonly kind: string;
  readonly singular: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly schema: TObject;
  readonly columns: readonly PrinterColumn[];
}

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const TRAINING_JOB: ResourceDefinition = {
  kind: 'TrainingJob',
  singular: 'trainingjob',
  plural: 'trainingjobs',
  shortNames: ['tj'],
  categories: ['all', 'uniap'],
  schema: TrainingJob,
  columns: [
    { name: 'GPUs', type: 'integer', jsonPath: '.spec.resources.gpus' },
    { name: 'Plan', type: 'string', jsonPath: '.status.plan.parallelism' },
    { name: 'Step Seconds', type: 'string', jsonPath: '.status.plan.stepSeconds' },
    { name: 'State', type: 'string', jsonPath: '.status.state' },
    age,
    { name: 'Samples/s', type: 'string', jsonPath: '.status.plan.samplesPerSecond', priority: 1 },
    { name: 'Gap', type: 'string', jsonPath: '.status.plan.relativeGap', priority: 1 },
    { name: 'Pods', type: 'integer', jsonPath: '.status.pods.desired', priority: 1 },
    { name: 'Ready', type: 'integer', jsonPath: '.status.pods.ready', priority: 1 },
    { name: 'Restarts', type: 'integer', jsonPath: '.status.restarts', priority: 1 },
    { name: 'Parallel Plan', type: 'string', jsonPath: '.status.plan.name', priority: 1 },
  ],
};

const PARALLEL_PLAN: ResourceDefinition = {
  kind: 'ParallelPlan',
  singular: 'parallelplan',
  plural: 'parallelplans',
  shortNames: ['pplan'],
  categories: ['uniap'],
  schema: ParallelPlan,
  columns: [
    { name: 'Job', type: 'string', jsonPath: '.spec.jobName' },
    { name: 'Revision', type: 'integer', jsonPath: '.spec.revision' },
    { name: 'GPUs', type: 'integer', jsonPath: '.spec.gpus' },
    { name: 'Plan', type: 'string', jsonPath: '.spec.parallelism' },
    { name: 'Step Seconds', type: 'string', jsonPath: '.spec.predicted.stepSeconds' },
    age,
    { name: 'Model', type: 'string', jsonPath: '.spec.model', priority: 1 },
    { name: 'Device', type: 'string', jsonPath: '.spec.device', priority: 1 },
    { name: 'Batch', type: 'integer', jsonPath: '.spec.globalBatchSize', priority: 1 },
    { name: 'Micro-batches', type: 'integer', jsonPath: '.spec.microBatches', priority: 1 },
    { name: 'Samples/s', type: 'string', jsonPath: '.spec.predicted.samplesPerSecond', priority: 1 },
    { name: 'Gap', type: 'string', jsonPath: '.spec.proof.relativeGap', priority: 1 },
  ],
};

export const DEFINITIONS: readonly ResourceDefinition[] = [TRAINING_JOB, PARALLEL_PLAN];
