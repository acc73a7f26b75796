/** What a user writes: `TrainingJob`. Schema, static type, validation rules and `kubectl explain` text in one. */
import Type from 'typebox';
import { crossFieldRules, immutabilityRules } from './job-rules.ts';
import { ModelSource } from './model-source.ts';
import { LabelValue } from './naming.ts';
import { Planning } from './planning.ts';
import { PodTemplate } from './pod-template.ts';
import { Resource } from './resource.ts';
import { List, OneOf, StringMap, Text, WholeNumber } from './schema.ts';
import { TrainingJobStatus } from './training-job-status.ts';

const Training = Type.Object(
  {
    globalBatchSize: WholeNumber({ description: 'Samples (sequences or images) in one optimizer step.', minimum: 1 }),
    sequenceLength: Type.Optional(
      WholeNumber({
        description: 'Tokens in a sample. Default: the longest that the model takes. Not for image models.',
        minimum: 1,
      }),
    ),
    precision: OneOf(['BF16', 'FP16', 'FP32'], {
      description: 'Precision of computation; BF16 and FP16 keep 32-bit master weights.',
      default: 'BF16',
    }),
    optimizer: OneOf(['AdamW', 'Adam', 'SGD', 'Momentum'], {
      description: 'Optimizer: how many states are kept for each parameter.',
      default: 'AdamW',
    }),
  },
  { additionalProperties: false, description: 'Settings of the training that memory and time depend on.' },
);

export const Toleration = Type.Object(
  {
    key: Type.Optional(Text({ description: 'Taint key; absent with operator Exists tolerates all.' })),
    operator: OneOf(['Equal', 'Exists'], { description: 'How the key compares with the value.', default: 'Equal' }),
    value: Type.Optional(Text({ description: 'Taint value.' })),
    effect: Type.Optional(
      OneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], { description: 'Taint effect; absent means all.' }),
    ),
    tolerationSeconds: Type.Optional(
      WholeNumber({ description: 'How long a NoExecute taint is tolerated.', minimum: 0 }),
    ),
  },
  {
    additionalProperties: false,
    description: 'As in a pod.',
    'x-kubernetes-validations': [
      {
        rule: "self.operator == 'Exists' ? !has(self.value) : has(self.key)",
        message: 'operator Equal needs a key; operator Exists takes no value',
      },
    ],
  },
);

const Resources = Type.Object(
  {
    gpus: WholeNumber({ description: 'Number of GPUs that the job trains on.', minimum: 1, maximum: 131072 }),
    device: Type.Optional(
      Text({
        description:
          "Train on this device only, as the catalogue or the node's labels name it, for example H100-SXM or NVIDIA-H100-80GB-HBM3.",
        minLength: 1,
      }),
    ),
    nodeSelector: StringMap(LabelValue(), {
      description: 'Labels that nodes must carry.',
      maxProperties: 32,
      default: {},
    }),
    tolerations: List(Toleration, {
      description:
        "Taints to tolerate. The GPU resource's own taint (nvidia.com/gpu, amd.com/gpu) is always tolerated.",
      maxItems: 32,
      default: [],
    }),
  },
  { additionalProperties: false, description: 'GPUs, and the nodes they may be on.' },
);

const RunPolicy = Type.Object(
  {
    suspend: Type.Boolean({
      description: 'Remove the pods and keep the rest until this is false again.',
      default: false,
    }),
    backoffLimit: WholeNumber({
      description: 'Times that all pods are started again after one failed.',
      minimum: 0,
      default: 3,
    }),
    activeDeadlineSeconds: Type.Optional(
      WholeNumber({ description: 'The job fails when it has been active for this long.', minimum: 1 }),
    ),
    ttlSecondsAfterFinished: Type.Optional(
      WholeNumber({ description: 'The job is deleted this long after it finished.', minimum: 0 }),
    ),
  },
  { additionalProperties: false, description: 'When to stop, to start again and to clean up.', default: {} },
);

const Monitoring = Type.Object(
  {
    port: WholeNumber({
      description: 'Where each pod serves its figures as Prometheus text, at /metrics; uniap-runtime does.',
      minimum: 1,
      maximum: 65535,
      default: 9464,
    }),
    driftPercent: WholeNumber({
      description:
        'PlanDrift is reported where a step takes longer or shorter, or needs more memory, than planned by more.',
      minimum: 1,
      maximum: 1000,
      default: 20,
    }),
    driftSeconds: WholeNumber({
      description: 'And has done so for this long.',
      minimum: 0,
      maximum: 86400,
      default: 300,
    }),
  },
  { additionalProperties: false, description: 'What was planned beside what happens.', default: {} },
);

export const TrainingJobSpec = Type.Object(
  {
    model: ModelSource,
    training: Training,
    resources: Resources,
    planning: Planning,
    template: PodTemplate,
    runPolicy: RunPolicy,
    monitoring: Monitoring,
  },
  {
    additionalProperties: false,
    description: 'The training that is wanted.',
    'x-kubernetes-validations': crossFieldRules,
  },
);

export const TrainingJob = Resource(
  'TrainingJob',
  { spec: TrainingJobSpec, status: Type.Optional(TrainingJobStatus) },
  {
    description:
      'A training job whose parallelism is planned, proved and then run. Once there is a plan, what it was made from can change only while the job is suspended: model, training, resources, template, monitoring.port, and planning apart from review and approvedRevision.',
    'x-kubernetes-validations': immutabilityRules,
  },
);

export type TrainingJob = Type.Static<typeof TrainingJob>;
export type TrainingJobSpec = Type.Static<typeof TrainingJobSpec>;
export type Toleration = Type.Static<typeof Toleration>;
