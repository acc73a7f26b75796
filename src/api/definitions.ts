/** The kinds of this API as the cluster is told of them: names, and what `kubectl get` prints. */
import type { TObject } from 'typebox';
import { HardwareProfile } from './hardware-profile.ts';
import { ModelProfile } from './model-profile.ts';
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
  readonly scope: 'Namespaced' | 'Cluster';
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
  scope: 'Namespaced',
  shortNames: ['tj'],
  categories: ['all', 'uniap'],
  schema: TrainingJob,
  columns: [
    { name: 'GPUs', type: 'integer', jsonPath: '.spec.resources.gpus' },
    { name: 'Plan', type: 'string', jsonPath: '.status.plan.parallelism' },
    { name: 'Step Seconds', type: 'string', jsonPath: '.status.plan.stepSeconds' },
    { name: 'Actual/Planned', type: 'string', jsonPath: '.status.actual.stepRatio' },
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
  scope: 'Namespaced',
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

const DEVICE: PrinterColumn = { name: 'Device', type: 'string', jsonPath: '.spec.provenance.device' };
const PROVENANCE: readonly PrinterColumn[] = [
  { name: 'Measured', type: 'date', jsonPath: '.spec.provenance.date' },
  { name: 'Tool', type: 'string', jsonPath: '.spec.provenance.tool', priority: 1 },
  { name: 'Driver', type: 'string', jsonPath: '.spec.provenance.driver', priority: 1 },
  { name: 'Torch', type: 'string', jsonPath: '.spec.provenance.torch', priority: 1 },
  { name: 'Image', type: 'string', jsonPath: '.spec.provenance.image', priority: 1 },
];

const MODEL_PROFILE: ResourceDefinition = {
  kind: 'ModelProfile',
  singular: 'modelprofile',
  plural: 'modelprofiles',
  scope: 'Namespaced',
  shortNames: ['mprof'],
  categories: ['uniap'],
  schema: ModelProfile,
  columns: [
    { name: 'Model', type: 'string', jsonPath: '.spec.model' },
    DEVICE,
    { name: 'Precision', type: 'string', jsonPath: '.spec.precision' },
    { name: 'Tokens', type: 'integer', jsonPath: '.spec.sequenceLength' },
    ...PROVENANCE,
  ],
};

const HARDWARE_PROFILE: ResourceDefinition = {
  kind: 'HardwareProfile',
  singular: 'hardwareprofile',
  plural: 'hardwareprofiles',
  scope: 'Cluster',
  shortNames: ['hwprof'],
  categories: ['uniap'],
  schema: HardwareProfile,
  columns: [
    DEVICE,
    { name: 'Ranks', type: 'integer', jsonPath: '.spec.ranks' },
    { name: 'Per Node', type: 'integer', jsonPath: '.spec.ranksPerNode' },
    { name: 'Node Link', type: 'string', jsonPath: '.spec.nodeLink' },
    { name: 'Network', type: 'string', jsonPath: '.spec.network' },
    ...PROVENANCE,
  ],
};

export const DEFINITIONS: readonly ResourceDefinition[] = [
  TRAINING_JOB,
  PARALLEL_PLAN,
  MODEL_PROFILE,
  HARDWARE_PROFILE,
];
