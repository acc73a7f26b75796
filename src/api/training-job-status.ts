/** What the operator reports of a TrainingJob. */
import Type from 'typebox';
import { CONDITION_TYPES } from './conditions.ts';
import { Bytes, Decimal, List, Moment, OneOf, Text, WholeNumber } from './schema.ts';

const Condition = Type.Object(
  {
    type: OneOf(CONDITION_TYPES, { description: 'What the condition says.' }),
    status: OneOf(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
    reason: Text({
      description: 'Why, in one CamelCase word for programs.',
      minLength: 1,
      pattern: '^[A-Za-z]([A-Za-z0-9]*)$',
    }),
    message: Text({ description: 'Why, for people.', maxLength: 32768 }),
    observedGeneration: WholeNumber({
      description: 'Generation of the job that this was said of.',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    lastTransitionTime: Moment({ description: 'When status last changed.' }),
  },
  { additionalProperties: false, description: 'A condition.' },
);

const PlanSummary = Type.Object(
  {
    name: Text({ description: 'Name of the ParallelPlan.' }),
    revision: WholeNumber({ description: 'Revision of the plan: counts the plans of a job from 1.', minimum: 1 }),
    digest: Text({ description: 'SHA-256 of the spec of the ParallelPlan, in hexadecimal.', maxLength: 64 }),
    parallelism: Text({ description: 'The plan in a few words, for people: pp2 · tp4 · fsdp2.' }),
    pipelineDegree: WholeNumber({ description: 'Number of pipeline stages.', minimum: 1 }),
    microBatches: WholeNumber({ description: 'Number of micro-batches in a step.', minimum: 1 }),
    stepSeconds: Type.Optional(Decimal({ description: 'Predicted time of one optimizer step, rounded.' })),
    samplesPerSecond: Type.Optional(
      Decimal({ description: 'Predicted samples in a second, all GPUs together, rounded.' }),
    ),
    relativeGap: Type.Optional(
      Decimal({ description: 'Proved: no plan is better by more than this share of its step time, rounded.' }),
    ),
  },
  { additionalProperties: false, description: 'The plan that the job runs or waits to run, in short.' },
);

const Actual = Type.Object(
  {
    stepSeconds: Decimal({ description: 'Mean time of the last optimizer steps, rounded.' }),
    samplesPerSecond: Decimal({ description: 'Samples in a second at that pace, all GPUs together, rounded.' }),
    memoryBytes: Type.Optional(Bytes({ description: 'Largest peak memory of a GPU.' })),
    stepRatio: Type.Optional(Decimal({ description: 'stepSeconds over the predicted one, rounded.' })),
    memoryRatio: Type.Optional(
      Decimal({ description: 'Peak memory over the predicted one, of the stage where this is largest; rounded.' }),
    ),
    steps: WholeNumber({ description: 'Steps that stepSeconds is the mean of.', minimum: 1 }),
    revision: WholeNumber({ description: 'Revision of the plan that they ran by.', minimum: 1 }),
    time: Moment({ description: 'When this was read.' }),
  },
  { additionalProperties: false, description: 'What the pods say of their steps: renewed about once a minute.' },
);

const OutOfMemory = Type.Object(
  {
    revision: WholeNumber({ description: 'Revision of the plan.', minimum: 1 }),
    stage: Type.Optional(WholeNumber({ description: 'Pipeline stage of the GPU.', minimum: 0 })),
    layer: Type.Optional(WholeNumber({ description: 'Layer that was being computed, counted from 0.', minimum: 0 })),
    plannedBytes: Bytes({ description: 'Peak memory predicted for a GPU of the stage.' }),
    actualBytes: Type.Optional(Bytes({ description: 'Memory taken, with what was asked for last.' })),
    memoryFactor: Decimal({
      description: 'What was learnt: plans since count this many times the memory that is estimated without it.',
    }),
  },
  { additionalProperties: false, description: 'The last time that the memory of a GPU ran out.' },
);

const Profiling = Type.Object(
  {
    observedGeneration: WholeNumber({
      description: 'Generation of the job that was measured.',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    startTime: Moment({ description: 'When the pods that measure were created.' }),
    completionTime: Type.Optional(Moment({ description: 'When the profiles were stored, or given up.' })),
    failure: Type.Optional(Text({ description: 'Why they were given up, for people.', maxLength: 1024 })),
  },
  { additionalProperties: false, description: 'The last time that model and hardware were measured for the job.' },
);

const PodCounts = Type.Object(
  {
    desired: WholeNumber({ description: 'Pods that the plan wants.', minimum: 0 }),
    ready: WholeNumber({ description: 'Pods that are ready.', minimum: 0 }),
    succeeded: WholeNumber({ description: 'Pods that succeeded.', minimum: 0 }),
    failed: WholeNumber({ description: 'Pods that failed.', minimum: 0 }),
  },
  { additionalProperties: false, description: 'Pods of the present attempt.' },
);

export const TrainingJobStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      WholeNumber({
        description: 'Generation of the job that this status was made for.',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
    state: Type.Optional(
      Text({ description: 'One word for people, made from the conditions. Programs read the conditions.' }),
    ),
    conditions: Type.Optional(
      List(Condition, {
        description: 'What is known of the job: docs/api.md lists the reasons. A condition that is absent is unknown.',
        maxItems: 16,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    ),
    planningStartTime: Type.Optional(
      Moment({ description: 'When the search for a plan began, while it is under way.' }),
    ),
    profiling: Type.Optional(Profiling),
    plan: Type.Optional(PlanSummary),
    actual: Type.Optional(Actual),
    outOfMemory: Type.Optional(OutOfMemory),
    pods: Type.Optional(PodCounts),
    restarts: Type.Optional(
      WholeNumber({ description: 'Times that all pods were started again after one failed.', minimum: 0 }),
    ),
    startTime: Type.Optional(Moment({ description: 'When the first pods were created; again after a suspension.' })),
    completionTime: Type.Optional(Moment({ description: 'When the job succeeded or failed.' })),
  },
  { additionalProperties: false, description: 'What the operator reports of the training.' },
);

export type TrainingJobStatus = Type.Static<typeof TrainingJobStatus>;
export type Condition = Type.Static<typeof Condition>;
export type ActualFigures = Type.Static<typeof Actual>;
export type OutOfMemory = Type.Static<typeof OutOfMemory>;
export type PlanSummary = Type.Static<typeof PlanSummary>;
