import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { priceOf } from '../../src/cost/price.ts';
import { describeComparison } from '../../src/estimate/compare.ts';
import { handMade } from '../../src/estimate/hand-made.ts';
import { aWorkload } from '../cost/builders.ts';

const WORKLOAD = aWorkload();

test('degrees become one strategy for all layers, and blocks evenly in stages', (t) => {
  const { candidate, layout } = handMade('pipeline=2, tensor=2, shards=2, microBatches=4, zero=1', WORKLOAD);
  t.deepEqual(candidate, { stages: 2, virtualStages: 1, microBatches: 4 });
  t.deepEqual(layout.placement, [0, 0, 0, 0, 1, 1, 1, 1]);
  t.is(new Set(layout.strategies).size, 1);
  t.deepEqual(layout.strategies[0], {
    tensor: 2,
    sequenceParallel: true,
    shards: 2,
    replicas: 1,
    zeroStage: 1,
    recomputation: 'None',
  });
});

test('GPUs that are left hold replicas', (t) => {
  t.is(handMade('tensor=4', WORKLOAD).layout.strategies[0]?.replicas, 2);
});

for (const [text, message] of [
  ['tensor', '--set: "tensor" is not name=value'],
  ['tensr=2', '--set: tensr is not known; did you mean tensor?'],
  ['tensor=1.5', '--set: tensor 1.5 is not a whole number from 1'],
  ['zero=4', '--set: zero 4 is not known; use 1, 2 or 3'],
  ['recomputation=some', '--set: recomputation some is not known; use None, Selective, Full'],
  ['sequenceParallel=perhaps', '--set: sequenceParallel perhaps is not known; use true or false'],
  ['pipeline=3', '--set: 8 GPUs not divisible by pipeline 3'],
  [
    'tensor=2,data=3',
    "--set: pipeline 1 × tensor 2 × shards 1 × data 3 are not the job's 8 GPUs; use degrees whose product is that, or leave data out",
  ],
  ['microBatches=16', '--set: 16 samples not divisible by microBatches × shards × data 128'],
  ['pipeline=8', '--set: 8 layers are too few for 8 stages'],
  ['tensor=2,tensor=4', '--set: tensor is set twice'],
  ['tensor=2=4', '--set: "tensor=2=4" is not name=value'],
  ['virtualStages=2', '--set: virtualStages 2 in a pipeline of 1; use a longer pipeline'],
  [
    'pipeline=2,virtualStages=2,microBatches=1',
    '--set: microBatches 1 not divisible by pipeline 2, as virtualStages need; use a multiple of 2',
  ],
] as const) {
  test(`refuses ${text}`, (t) => {
    t.throws(() => handMade(text, WORKLOAD), { instanceOf: UserError, message });
  });
}

test('says by how much it is slower than the plan and why', (t) => {
  const priced = (text: string) => {
    const { candidate, layout } = handMade(text, WORKLOAD);
    return priceOf(WORKLOAD, candidate, layout);
  };
  const [slow, fast] = [priced('tensor=8,recomputation=Full'), priced('shards=8')];
  const text = describeComparison('tensor=8', slow, { name: 'fsdp8', price: fast });
  t.regex(text, /by hand it is .*% slower: .*tensor-parallel communication \(\+/);
  t.regex(describeComparison('shards=8', fast, { name: 'tp8', price: slow }), /faster by/);
  const cramped = { ...slow, fits: false, memoryBytes: 2 * slow.usableBytes };
  t.regex(describeComparison('tensor=8', cramped, { name: 'fsdp8', price: fast }), /it does not fit/);
});
