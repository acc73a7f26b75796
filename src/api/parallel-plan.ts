/** What the planner decided, or what a user decided instead: `ParallelPlan`, immutable. */
import Type from 'typebox';
import { Resource } from './resource.ts';
import { RECOMPUTATIONS, SCHEDULES, type ZERO_STAGES } from './planning.ts';
import { Bytes, Decimal, List, OneOf, Text, WholeNumber } from './schema.ts';

const Degree = (description: string) => WholeNumber({ description, minimum: 1, maximum: 131072, default: 1 });

const LayerRun = Type.Object(
  {
    first: WholeNumber({ description: 'Index of the first layer of the run.', minimum: 0 }),
    last: WholeNumber({ description: 'Index of its last layer.', minimum: 0 }),
    name: Type.Optional(Text({ description: 'What the layers are, for people.' })),
    tensor: Degree('Tensor-parallel degree.'),
    sequenceParallel: Type.Boolean({
      description: 'Sequence parallelism between tensor-parallel regions.',
      default: false,
    }),
    replicas: Degree('Data-parallel replicas.'),
    shards: Degree('Sharded data-parallel degree: data-parallel ranks that split what zeroStage says.'),
    zeroStage: WholeNumber<(typeof ZERO_STAGES)[number]>({
      description: 'What the shards split: 1 optimizer states, 2 gradients too, 3 parameters too (FSDP).',
      minimum: 1,
      maximum: 3,
      default: 3,
    }),
    recomputation: OneOf(RECOMPUTATIONS, {
      description: 'Activation recomputation: Selective computes the attention core again, Full all but the input.',
      default: 'None',
    }),
    virtualStage: WholeNumber({
      description: 'The chunk of its stage that the run is in, under Interleaved1F1B; chunks are counted from 0.',
      minimum: 0,
      maximum: 1023,
      default: 0,
    }),
  },
  {
    additionalProperties: false,
    description: 'Consecutive layers of one stage with one strategy.',
    'x-kubernetes-validations': [{ rule: 'self.first <= self.last', message: 'first must not be after last' }],
  },
);

const Stage = Type.Object(
  {
    layers: List(LayerRun, { description: 'Runs of layers, chunk by chunk, in order.', minItems: 1, maxItems: 512 }),
    memoryBytes: Type.Optional(Bytes({ description: 'Predicted peak memory of each GPU of the stage.' })),
    secondsPerMicroBatch: Type.Optional(
      Decimal({ description: 'Predicted forward and backward time of one micro-batch.' }),
    ),
  },
  { additionalProperties: false, description: 'A pipeline stage; its index is its pipeline rank.' },
);

const PlannedNode = Type.Object(
  {
    name: Text({ description: 'Name of the node.', minLength: 1 }),
    gpus: WholeNumber({ description: 'GPUs used on it.', minimum: 1, maximum: 1024 }),
  },
  { additionalProperties: false, description: 'A node; its index is its node rank.' },
);

const Corrections = Type.Object(
  {
    computation: Decimal({ description: "Factor on seconds of the GPUs' own work." }),
    communication: Decimal({ description: 'Factor on seconds of exchanges.' }),
    memory: Decimal({ description: 'Factor on bytes of memory.' }),
  },
  { additionalProperties: false, description: 'What runs have shown of the figures, counted in.' },
);

const Prediction = Type.Object(
  {
    stepSeconds: Decimal({ description: 'Time of one optimizer step.' }),
    samplesPerSecond: Decimal({ description: 'Samples in a second, all GPUs together.' }),
    tokensPerSecond: Type.Optional(Decimal({ description: 'Tokens in a second, all GPUs together.' })),
    modelFlopsUtilisation: Decimal({ description: "Model FLOPs utilisation: share of the devices' peak rate." }),
    memoryLimitBytes: Bytes({ description: 'Memory of a GPU that the plan was allowed.' }),
    limitedBy: Text({ description: 'What limits the plan, for people.', maxLength: 1024 }),
    computationSeconds: Type.Optional(
      Decimal({ description: "Of stepSeconds, the GPUs' own work, with that which others wait for." }),
    ),
    communicationSeconds: Type.Optional(Decimal({ description: 'Of stepSeconds, exchanges among GPUs.' })),
    corrections: Type.Optional(Corrections),
    figures: Type.Optional(
      Text({
        description: 'Which of the figures behind this were measured, where some were; for people.',
        maxLength: 4096,
      }),
    ),
  },
  { additionalProperties: false, description: 'What the cost model predicts.' },
);

const RunnerUp = Type.Object(
  {
    pipelineDegree: WholeNumber({ description: 'Number of pipeline stages.', minimum: 1 }),
    microBatches: WholeNumber({ description: 'Number of micro-batches in a step.', minimum: 1 }),
    lowerBound: Decimal({ description: 'No plan of this pair takes less, in seconds.' }),
  },
  { additionalProperties: false, description: 'Another pair of pipeline degree and micro-batches.' },
);

const Proof = Type.Object(
  {
    value: Decimal({ description: 'Objective of the plan in seconds, as recomputed by the checker.' }),
    lowerBound: Decimal({ description: 'No plan in the search space takes less, in seconds.' }),
    relativeGap: Decimal({ description: '(value - lowerBound) / value.' }),
    candidates: WholeNumber({
      description:
        'Candidates considered: pairs of pipeline degree and micro-batches; where stages may be interleaved or layers must agree, one for each way to do so that is searched on its own.',
      minimum: 0,
    }),
    pruned: WholeNumber({ description: 'Of these, ruled out by a bound.', minimum: 0 }),
    infeasible: WholeNumber({ description: 'Of these, without any plan that fits into memory.', minimum: 0 }),
    solved: WholeNumber({
      description: 'Of these, searched: to their best plan or until none better was left.',
      minimum: 0,
    }),
    confirmed: WholeNumber({
      description: 'Of those searched, the ones of which the solver proved anew that they have no better plan.',
      minimum: 0,
    }),
    solver: Text({ description: 'Name and version of the solver.' }),
    seconds: Decimal({ description: 'Time that the search took.' }),
    runnersUp: Type.Optional(
      List(RunnerUp, {
        description: 'The other pairs of pipeline degree and micro-batches with the least lower bounds, least first.',
        maxItems: 8,
      }),
    ),
  },
  { additionalProperties: false, description: 'Evidence that no better plan exists.' },
);

export const ParallelPlanSpec = Type.Object(
  {
    jobName: Type.Optional(Text({ description: 'The TrainingJob planned for.' })),
    revision: Type.Optional(WholeNumber({ description: 'Counts the plans of a job from 1.', minimum: 1 })),
    parallelism: Type.Optional(Text({ description: 'The plan in a few words, for people: pp2 · tp4 · fsdp2.' })),
    model: Type.Optional(Text({ description: 'The model, for people.' })),
    device: Type.Optional(Text({ description: "The device, by the catalogue's name." })),
    globalBatchSize: WholeNumber({ description: 'Samples in one optimizer step.', minimum: 1 }),
    microBatches: WholeNumber({ description: 'Micro-batches in one step.', minimum: 1 }),
    schedule: OneOf(SCHEDULES, { description: 'Pipeline schedule.', default: '1F1B' }),
    virtualStages: WholeNumber({
      description: 'Chunks of the model in each stage (Interleaved1F1B).',
      minimum: 1,
      maximum: 1024,
      default: 1,
    }),
    gpus: WholeNumber({ description: 'GPUs of the plan.', minimum: 1, maximum: 131072 }),
    stages: List(Stage, { description: 'Pipeline stages, by pipeline rank.', minItems: 1, maxItems: 256 }),
    nodes: Type.Optional(
      List(PlannedNode, { description: 'Nodes by node rank; global ranks count through them.', maxItems: 16384 }),
    ),
    gpuResource: Text({ description: 'Extended resource by which a pod asks for GPUs.', default: 'nvidia.com/gpu' }),
    rdma: Type.Optional(
      Type.Object(
        {
          resource: Text({ description: 'Extended resource by which a pod asks for RDMA devices.', minLength: 1 }),
          quantity: WholeNumber({ description: 'How many a pod asks for.', minimum: 1 }),
        },
        { additionalProperties: false, description: 'RDMA devices of the nodes, where they have any.' },
      ),
    ),
    predicted: Type.Optional(Prediction),
    proof: Type.Optional(Proof),
  },
  {
    additionalProperties: false,
    description: 'A parallel plan. It cannot be changed.',
    'x-kubernetes-validations': [
      { rule: 'self == oldSelf', message: 'a ParallelPlan cannot be changed; make another' },
      { rule: 'self.gpus % self.stages.size() == 0', message: 'gpus must be a multiple of the number of stages' },
      {
        rule: 'self.globalBatchSize % self.microBatches == 0',
        message: 'globalBatchSize must be a multiple of microBatches',
      },
    ],
  },
);

export const ParallelPlan = Resource(
  'ParallelPlan',
  { spec: ParallelPlanSpec },
  { description: 'Which layers run where, split how, with what prediction and what proof.' },
);

export type ParallelPlan = Type.Static<typeof ParallelPlan>;
export type ParallelPlanSpec = Type.Static<typeof ParallelPlanSpec>;
export type LayerRun = Type.Static<typeof LayerRun>;
export type PlannedStage = Type.Static<typeof Stage>;
export type PlannedNode = Type.Static<typeof PlannedNode>;
