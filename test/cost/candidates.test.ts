import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { candidatesOf } from '../../src/cost/candidates.ts';
import type { Workload } from '../../src/cost/workload.ts';
import { aWorkload, LLAMA_7B, SMALL_LLAMA, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

const LLAMA_13B = aTransformer({ ...LLAMA_7B, hidden: 5120, heads: 40, layers: 40 });

/** What is asked for, and what is answered. The model has 8 layers and the job 8 GPUs and a batch of 16. */
const REFUSED: readonly (readonly [asked: Partial<Workload['planning']>, field: string, message: string])[] = [
  [
    { pipelineDegree: 3 },
    'spec.planning.pipelineDegree',
    '8 GPUs not divisible by pipeline degree 3; use 1, 2, 4 or 8',
  ],
  [
    { microBatches: 5 },
    'spec.planning.microBatches',
    'global batch size 16 not divisible by 5 micro-batches; use 1, 2, 4, 8 or 16',
  ],
  [
    { tensorDegree: 3 },
    'spec.planning.tensorDegree',
    'heads 16 not divisible by tensor degree 3; use 1, 2, 4, 8 or 16',
  ],
  [
    { pipelineDegree: 4, tensorDegree: 4 },
    'spec.planning',
    '8 GPUs not divisible by pipelineDegree 4 × tensorDegree 4 = 16; use degrees whose product is 1, 2, 4 or 8',
  ],
  [
    { pipelineDegree: 2, tensorDegree: 2, dataDegree: 1, shardDegree: 1 },
    'spec.planning',
    'pipelineDegree 2 × tensorDegree 2 × dataDegree 1 × shardDegree 1 = 4, but the job has 8 GPUs; use degrees whose product is 8, or leave one out',
  ],
  [
    { dataDegree: 8, microBatches: 4 },
    'spec.training.globalBatchSize',
    'global batch size 16 not divisible by dataDegree 8 × shardDegree 1 × microBatches 4 = 32; use a multiple of 32',
  ],
];

for (const [planning, field, message] of REFUSED) {
  test(`${JSON.stringify(planning)} is refused`, (t) => {
    const error = t.throws(() => candidatesOf(aWorkload({ planning })), { instanceOf: UserError });
    t.is(error.field, field);
    t.is(error.message, `${field}: ${message}`);
  });
}

test('heads that a tensor degree does not divide are named', (t) => {
  const workload = aWorkload({
    model: LLAMA_13B,
    gpus: 16,
    hardware: someHardware(2, 8),
    planning: { tensorDegree: 16 },
  });
  const error = t.throws(() => candidatesOf(workload), { instanceOf: UserError });
  t.regex(error.message, /heads 40 not divisible by tensor degree 16; use 1, 2, 4 or 8$/);
});

test('more stages than layers are refused', (t) => {
  const workload = aWorkload({
    model: aTransformer({ ...SMALL_LLAMA, layers: 2 }),
    planning: { pipelineDegree: 8 },
  });
  const error = t.throws(() => candidatesOf(workload), { instanceOf: UserError });
  t.regex(error.message, /pipeline degree 8 needs as many layers, but the model has 4; use at most 4/);
});

test('a batch that no allowed parallelism can split is refused', (t) => {
  const workload = aWorkload({ training: { globalBatchSize: 3 }, planning: { parallelisms: ['Data'] } });
  const error = t.throws(() => candidatesOf(workload), { instanceOf: UserError });
  t.regex(error.message, /a global batch of 3 cannot be split among 8 GPUs.*multiple of 8.*allow Tensor/);
});
