/** What the planner may choose from, and what is fixed. */
import Type from 'typebox';
import { ObjectName } from './naming.ts';
import { Bytes, List, OneOf, Text, WholeNumber } from './schema.ts';
import type { CelRule } from './schema.ts';

export const PARALLELISMS = ['Tensor', 'Data', 'FullySharded', 'Pipeline'] as const;

/** What data-parallel ranks split among them (ZeRO, arXiv 1910.02054): optimizer states; gradients too; parameters too (FSDP). */
export const ZERO_STAGES = [1, 2, 3] as const;

/** Activations that the backward pass computes again: none; the attention core (arXiv 2205.05198); all but a layer's input. */
export const RECOMPUTATIONS = ['None', 'Selective', 'Full'] as const;

/** Pipeline schedules (1F1B and its interleaved form: arXiv 2104.04473; GPipe: arXiv 1811.06965). */
export const SCHEDULES = ['1F1B', 'GPipe', 'Interleaved1F1B'] as const;

/** What is measured before a job is planned. */
export const PROFILE_POLICIES = ['Auto', 'Required', 'Never'] as const;

/** Training engines whose limits a plan can be held to. */
export const ENGINES = ['uniap', 'galvatron', 'torchtitan', 'megatron'] as const;

/** The degree that each way to split the work is fixed by. */
const DEGREES = {
  pipelineDegree: 'Pipeline',
  tensorDegree: 'Tensor',
  dataDegree: 'Data',
  shardDegree: 'FullySharded',
} as const satisfies Record<string, (typeof PARALLELISMS)[number]>;

/** What a plan fixes, so that a plan of the user's own leaves no room for it. */
const FIXED_BY_A_PLAN = [...Object.keys(DEGREES), 'microBatches', 'virtualStages'];

function degree(what: string) {
  return Type.Optional(
    WholeNumber({ description: `${what} Default: the planner chooses.`, minimum: 1, maximum: 131072 }),
  );
}

function onlyIfAllowed([field, parallelism]: [string, string]): CelRule {
  return {
    rule: `!has(self.${field}) || self.${field} == 1 || '${parallelism}' in self.parallelisms`,
    message: `${field} above 1 needs ${parallelism} in parallelisms`,
    messageExpression: `'%d needs ${parallelism} in parallelisms, which has %s; add ${parallelism} or use 1'.format([self.${field}, self.parallelisms])`,
    fieldPath: `.${field}`,
  };
}

/** Schedules that an engine does not have (src/cost/engines.ts). */
const MISSING_SCHEDULES = [
  ['galvatron', 'Interleaved1F1B', '1F1B or GPipe'],
  ['megatron', 'GPipe', '1F1B or Interleaved1F1B'],
] as const satisfies readonly (readonly [(typeof ENGINES)[number], (typeof SCHEDULES)[number], string])[];

/** The default of planning is checked before its fields have theirs. */
const engineRules: readonly CelRule[] = [
  ...MISSING_SCHEDULES.map(([engine, schedule, others]) => ({
    rule: `!has(self.engine) || self.engine != '${engine}' || self.schedule != '${schedule}'`,
    message: `engine ${engine} has no schedule ${schedule}; use ${others}`,
    fieldPath: '.schedule',
  })),
  {
    rule: "!has(self.engine) || self.engine == 'uniap' || 'None' in self.recomputations",
    message: 'engines other than uniap never recompute embedding and head; add None to recomputations',
    fieldPath: '.recomputations',
  },
];

const notBesidePlanName: CelRule = {
  rule: `!has(self.planName) || !(${FIXED_BY_A_PLAN.map((field) => `has(self.${field})`).join(' || ')})`,
  message: `planName names a whole plan: remove ${FIXED_BY_A_PLAN.join(', ')}`,
  messageExpression: `'plan %s fixes them already: remove %s, or planName'.format([self.planName, [${FIXED_BY_A_PLAN.map((field) => `has(self.${field}) ? '${field}' : ''`).join(', ')}].filter(field, field != '')])`,
  fieldPath: '.planName',
};

export const Planning = Type.Object(
  {
    parallelisms: List(OneOf(PARALLELISMS, { description: 'A way to split the work.' }), {
      description:
        'Ways to split the work that a plan may use: tensor, data (replicas), sharded data (see zeroStages) and pipeline parallelism.',
      maxItems: 4,
      default: [...PARALLELISMS],
      'x-kubernetes-list-type': 'set',
    }),
    zeroStages: List(
      WholeNumber<(typeof ZERO_STAGES)[number]>({
        description: 'A stage of ZeRO.',
        minimum: 1,
        maximum: 3,
      }),
      {
        description:
          'What FullySharded may split among data-parallel ranks: 1 optimizer states, 2 gradients too, 3 parameters too (FSDP).',
        minItems: 1,
        maxItems: 3,
        default: [...ZERO_STAGES],
        'x-kubernetes-list-type': 'set',
      },
    ),
    recomputations: List(OneOf(RECOMPUTATIONS, { description: 'Activations that are computed again.' }), {
      description:
        'Activation recomputation that layers may use: None, Selective (the attention core, which keeps next to nothing where attention is blockwise, as FlashAttention is), Full (all but the input of a layer).',
      minItems: 1,
      maxItems: 3,
      default: ['None', 'Full'],
      'x-kubernetes-list-type': 'set',
    }),
    sequenceParallel: Type.Boolean({
      description: 'Split what lies between tensor-parallel regions along the sequence.',
      default: true,
    }),
    schedule: OneOf(SCHEDULES, {
      description:
        '1F1B keeps fewer micro-batches in flight; GPipe keeps all; Interleaved1F1B gives each stage several chunks of the model, which makes the bubble smaller.',
      default: '1F1B',
    }),
    virtualStages: degree('Chunks of the model in each stage under Interleaved1F1B.'),
    pipelineDegree: degree('Number of pipeline stages.'),
    microBatches: degree('Number of micro-batches in a step.'),
    tensorDegree: degree('Tensor-parallel degree of every layer.'),
    dataDegree: degree('Data-parallel replicas of every layer.'),
    shardDegree: degree('Sharded data-parallel degree of every layer (see zeroStages).'),
    engine: OneOf(ENGINES, {
      description: 'The training engine that is to run the plan: only plans that it can run are considered.',
      default: 'uniap',
    }),
    profile: OneOf(PROFILE_POLICIES, {
      description:
        "Plan from measured profiles. Auto: from those that there are; what is missing is measured first where the container runs uniap-runtime, and is the catalogue's otherwise. Required: no plan without measurement. Never: from the catalogue alone.",
      default: 'Auto',
    }),
    memoryLimitBytes: Type.Optional(
      Bytes({
        description: "Memory of a GPU that a plan may use. Default: the device's, less what the runtime takes.",
      }),
    ),
    timeLimitSeconds: WholeNumber({
      description: 'After this long the best plan so far is taken, with its gap.',
      minimum: 1,
      maximum: 86400,
      default: 60,
    }),
    relativeGap: Text({
      description: 'A plan proved to be within this share of the best one is good enough; a decimal in quotes.',
      maxLength: 32,
      default: '0.000001',
      'x-kubernetes-validations': [
        {
          rule: "self.matches('^[0-9]+([.][0-9]+)?(e-?[0-9]+)?$') && double(self) > 0.0 && double(self) < 1.0",
          message: 'must be a number between 0 and 1, as a string',
          messageExpression: `'"%s" is not a number between 0 and 1; write for example "0.01" for one per cent'.format([self])`,
        },
      ],
    }),
    review: Type.Boolean({
      description: 'Stop after planning until approvedRevision names the revision of the plan.',
      default: false,
    }),
    approvedRevision: Type.Optional(WholeNumber({ description: 'Revision of the plan that may start.', minimum: 1 })),
    planName: Type.Optional(
      ObjectName({
        description: 'A ParallelPlan of your own in this namespace, to be checked and run instead of planning.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Limits on what the planner may choose.',
    default: {},
    'x-kubernetes-validations': [
      ...Object.entries(DEGREES).map(onlyIfAllowed),
      notBesidePlanName,
      {
        rule: "!has(self.virtualStages) || self.virtualStages == 1 || self.schedule == 'Interleaved1F1B'",
        message: 'virtualStages above 1 needs schedule Interleaved1F1B',
        messageExpression: `'%d needs schedule Interleaved1F1B, not %s; change the schedule or use 1'.format([self.virtualStages, self.schedule])`,
        fieldPath: '.virtualStages',
      },
      ...engineRules,
      {
        rule: '!has(self.approvedRevision) || self.review',
        message: 'approvedRevision means something only where review is true; set review to true or remove it',
        fieldPath: '.approvedRevision',
      },
    ],
  },
);
