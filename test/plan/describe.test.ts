import test from 'ava';
import fc from 'fast-check';
import type { ParallelPlanSpec } from '../../src/api/parallel-plan.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { describeStrategy, summarizePlan } from '../../src/plan/summary.ts';
import { formatBytes, formatCount, formatNumber, formatSeconds, formatShare } from '../../src/plan/units.ts';
import { matchesGolden } from './golden.ts';
import { aPlan, aRun, nodesFor } from './builders.ts';

const GIB = 2 ** 30;

function solvedPlan(plan: Partial<ParallelPlanSpec> = {}): ParallelPlanSpec {
  const { stages, ...rest } = aPlan({
    model: 'llama-2-7b',
    device: 'H100-SXM',
    predicted: {
      stepSeconds: '1.2345',
      samplesPerSecond: '51.8426',
      tokensPerSecond: '212347.29',
      modelFlopsUtilisation: '0.4312',
      memoryLimitBytes: 74 * GIB,
      limitedBy: 'memory of stage 1',
    },
    proof: {
      value: '1.2345',
      lowerBound: '1.2344999',
      relativeGap: '0.00000008',
      candidates: 24,
      solved: 3,
      pruned: 21,
      infeasible: 0,
      confirmed: 1,
      solver: 'HiGHS 1.15.3',
      seconds: '0.4213',
    },
  });
  const costed = stages.map((stage, index) => ({
    ...stage,
    memoryBytes: (60 + index) * GIB,
    secondsPerMicroBatch: '0.0123',
  }));
  return { ...rest, stages: costed, ...plan };
}

test('a solved plan, as a person reads it', async (t) => {
  await matchesGolden(t, 'solved.txt', describePlan(solvedPlan()));
});

test("a user's own plan, before anything was predicted", async (t) => {
  const plan = aPlan({ microBatches: 1 });
  delete plan.nodes;
  await matchesGolden(t, 'unpredicted.txt', describePlan(plan));
});

test('no line is wider than 100 columns, and none carries an escape sequence', (t) => {
  const word = fc.stringMatching(/^[a-z0-9-]{1,24}$/);
  const anyPlan = fc
    .record({
      limitedBy: fc.array(word, { minLength: 1, maxLength: 40 }),
      gpus: fc.constantFrom(8, 64, 16384),
      name: word,
    })
    .map(({ limitedBy, gpus, name }) => {
      const run = aRun({ last: 127, name, tensor: 8, sequenceParallel: true, shards: gpus / 8, recomputation: 'Full' });
      const { predicted } = solvedPlan();
      return solvedPlan({
        gpus,
        stages: [{ layers: [run], memoryBytes: 60 * GIB, secondsPerMicroBatch: '12.3' }],
        nodes: nodesFor(gpus, 8),
        ...(predicted && { predicted: { ...predicted, limitedBy: limitedBy.join(' ') } }),
      });
    });
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const text = describePlan(plan);
      return !text.includes('\u001b') && text.split('\n').every((line) => line.length <= 100);
    }),
  );
  t.pass();
});

test('a schedule is named only where there is a pipeline', (t) => {
  const [stage] = solvedPlan().stages;
  t.true(describePlan(solvedPlan()).includes('4 micro-batches of 16, 1F1B\n'));
  t.true(describePlan(solvedPlan({ stages: stage === undefined ? [] : [stage] })).includes('4 micro-batches of 16\n'));
});

test('a gap that is left is said', (t) => {
  const { proof } = solvedPlan();
  const plan = solvedPlan({ ...(proof && { proof: { ...proof, lowerBound: '1.2', relativeGap: '0.0279' } }) });
  t.true(describePlan(plan).includes('within 2.8% of the best plan: none takes less than 1.20 s'));
});

const strategies: readonly [Parameters<typeof aRun>[0], string][] = [
  [{}, ''],
  [{ tensor: 4 }, 'tp4'],
  [
    { tensor: 4, sequenceParallel: true, shards: 2, replicas: 8, recomputation: 'Full' },
    'tp4 · sp · fsdp2 · dp8 · recompute',
  ],
  [{ shards: 8, zeroStage: 1, recomputation: 'Selective' }, 'zero1-8 · recompute attention'],
];

for (const [run, words] of strategies) {
  test(`strategy: ${words}`, (t) => {
    t.is(describeStrategy(aRun(run)), words);
  });
}

test('the summary names the strategy of most layers', (t) => {
  t.is(summarizePlan(aPlan()), 'pp2 · tp2 · sp · fsdp4 (16 of 34 layers)');
  t.is(
    summarizePlan({ virtualStages: 1, stages: [{ layers: [aRun({ last: 9, tensor: 4, shards: 2 })] }] }),
    'tp4 · fsdp2',
  );
  t.is(summarizePlan({ virtualStages: 1, stages: [{ layers: [aRun()] }, { layers: [aRun()] }] }), 'pp2');
  t.is(summarizePlan({ virtualStages: 1, stages: [{ layers: [aRun()] }] }), 'one GPU');
  t.is(summarizePlan({ virtualStages: 3, stages: [{ layers: [aRun()] }, { layers: [aRun()] }] }), 'pp2×3');
});

test('quantities', (t) => {
  t.deepEqual([1234, 12.345, 0.0123, 0.0000042, 0].map(formatSeconds), [
    '1,234 s',
    '12.3 s',
    '12.3 ms',
    '4.20 µs',
    '0 s',
  ]);
  t.deepEqual([512, 3 * 1024, 1.5 * GIB, 80 * GIB].map(formatBytes), ['512 bytes', '3.00 KiB', '1.50 GiB', '80.0 GiB']);
  t.deepEqual([0, 21, 51.8426, 212347.29].map(formatNumber), ['0', '21', '51.8', '212,347']);
  t.deepEqual([formatShare(0.4312), formatShare(1)], ['43.1%', '100%']);
  t.deepEqual([formatCount(1, 'node'), formatCount(16384, 'GPU')], ['1 node', '16,384 GPUs']);
});
