import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { tiedCandidates } from '../../src/cost/agreements.ts';
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
  [
    { schedule: 'Interleaved1F1B', virtualStages: 4, pipelineDegree: 2 },
    'spec.planning.virtualStages',
    '6 blocks cannot fill 4 virtual stages of each of 2 stages equally; use 1, 2 or 3',
  ],
  [
    { engine: 'torchtitan', pipelineDegree: 8, microBatches: 4 },
    'spec.planning.engine',
    'engine torchtitan can run no plan of a global batch of 16 on 8 GPUs as planning asks; allow more in planning, or use another engine',
  ],
  [
    { engine: 'megatron', recomputations: ['Full'] },
    'spec.planning.engine',
    'engine megatron can run no plan of a global batch of 16 on 8 GPUs as planning asks; engines recompute blocks only: add None to planning.recomputations',
  ],
];

test('torchtitan runs GPipe on fewer micro-batches than stages', (t) => {
  const planning = { engine: 'torchtitan', schedule: 'GPipe', pipelineDegree: 8, microBatches: 4 } as const;
  t.true(candidatesOf(aWorkload({ planning })).length > 0);
});

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

/** `pp·c·v`, each once. */
function shapes(workload: Workload): readonly string[] {
  return [
    ...new Set(
      candidatesOf(workload).map(
        ({ stages, microBatches, virtualStages }) => `${stages}·${microBatches}·${virtualStages}`,
      ),
    ),
  ];
}

test('interleaved: virtual stages share the blocks, and micro-batches are a multiple of the stages', (t) => {
  const workload = aWorkload({ planning: { schedule: 'Interleaved1F1B', pipelineDegree: 2 } });
  // Six blocks; micro-batches of at least one sample.
  t.deepEqual(shapes(workload), [
    '2·1·1',
    '2·2·1',
    '2·2·2',
    '2·2·3',
    '2·4·1',
    '2·4·2',
    '2·4·3',
    '2·8·1',
    '2·8·2',
    '2·8·3',
    '2·16·1',
    '2·16·2',
    '2·16·3',
  ]);
});

test('interleaved stages are of one layout of activations', (t) => {
  const workload = aWorkload({ planning: { schedule: 'Interleaved1F1B', virtualStages: 2, pipelineDegree: 2 } });
  t.deepEqual(
    candidatesOf(workload)
      .filter(({ microBatches }) => microBatches === 2)
      .map(({ only }) => only?.all),
    [1, 2, 4].map((tensor) => ({ tensor, sequenceParallel: tensor > 1 })),
  );
});

test('a candidate for each way in which tied weights can lie', (t) => {
  const planning: Partial<Workload['planning']> = { pipelineDegree: 4, microBatches: 4, zeroStages: [1, 3] };
  const tied = (model: Workload['model']) => {
    const workload = aWorkload({ model, planning });
    return candidatesOf(workload).flatMap((candidate) => tiedCandidates(workload, candidate).map(({ only }) => only));
  };
  t.deepEqual(tied(aTransformer(SMALL_LLAMA)), [{}]);
  t.deepEqual(
    tied(aTransformer({ ...SMALL_LLAMA, tied: true })).map((only) => only?.tied),
    [
      { tensor: 1, replicas: 2, shards: 1, zeroStage: 3 },
      { tensor: 1, replicas: 1, shards: 2, zeroStage: 1 },
      { tensor: 1, replicas: 1, shards: 2, zeroStage: 3 },
      { tensor: 2, replicas: 1, shards: 1, zeroStage: 3 },
    ],
  );
});

test('torchtitan keeps a tied weight on one stage; all engines have one way to split embedding and head', (t) => {
  const model = aTransformer({ ...SMALL_LLAMA, tied: true });
  const stages = (engine: Workload['planning']['engine']) =>
    new Set(candidatesOf(aWorkload({ model, planning: { engine } })).map((candidate) => candidate.stages));
  t.deepEqual([...stages('torchtitan')], [1]);
  // Galvatron has a block in each stage, of which there are six.
  t.deepEqual([...stages('galvatron')], [1, 2, 4]);
  t.deepEqual([...stages('megatron')], [1, 2, 4, 8]);
});

test('key/value heads: torchtitan splits them, Megatron-LM copies them too', (t) => {
  const model = aTransformer({ ...SMALL_LLAMA, keyValueHeads: 2 });
  const degrees = (engine: Workload['planning']['engine']) =>
    new Set(
      candidatesOf(aWorkload({ model, planning: { engine, pipelineDegree: 1 } })).map(({ only }) => only?.all?.tensor),
    );
  t.deepEqual([...degrees('torchtitan')], [1, 2]);
  t.deepEqual([...degrees('megatron')], [1, 2, 4, 8]);
});

test('engines share the tokens of a sample equally under sequence parallelism', (t) => {
  const model = aTransformer({ ...SMALL_LLAMA, tokens: 1022 });
  const degrees = (engine: Workload['planning']['engine'], sequenceParallel: boolean) => {
    const planning = { engine, sequenceParallel, pipelineDegree: 1 };
    return [...new Set(candidatesOf(aWorkload({ model, planning })).map(({ only }) => only?.all?.tensor))];
  };
  t.deepEqual(degrees('megatron', true), [1, 2]);
  t.deepEqual(degrees('megatron', false), [1, 2, 4, 8]);
});
