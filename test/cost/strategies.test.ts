import test from 'ava';
import fc from 'fast-check';
import { candidatesOf } from '../../src/cost/candidates.ts';
import { strategiesOf } from '../../src/cost/strategies.ts';
import type { Strategy, Workload } from '../../src/cost/workload.ts';
import { aWorkload, someHardware } from './builders.ts';

function degrees(strategies: readonly Strategy[]): readonly string[] {
  return strategies.map(({ tensor, shards, replicas }) => `${tensor}·${shards}·${replicas}`);
}

test('every product of tensor degree, shards and replicas, with and without recomputation', (t) => {
  const strategies = strategiesOf(aWorkload(), { stages: 2, microBatches: 4, virtualStages: 1 });
  t.deepEqual(degrees(strategies.filter(({ recomputation }) => recomputation === 'None')), [
    '1·1·4',
    '1·2·2',
    '1·4·1',
    '2·1·2',
    '2·2·1',
    '4·1·1',
  ]);
  t.is(strategies.length, 12);
});

test('a micro-batch too small for the data-parallel ranks leaves tensor parallelism', (t) => {
  const workload = aWorkload({ planning: { parallelisms: ['Tensor', 'Data'], recomputations: ['None'] } });
  t.deepEqual(degrees(strategiesOf(workload, { stages: 1, microBatches: 16, virtualStages: 1 })), ['8·1·1']);
});

test('sequence parallelism goes with tensor parallelism, where planning wants it', (t) => {
  for (const sequenceParallel of [true, false]) {
    const strategies = strategiesOf(aWorkload({ planning: { sequenceParallel } }), {
      stages: 1,
      microBatches: 1,
      virtualStages: 1,
    });
    t.true(strategies.every((strategy) => strategy.sequenceParallel === (sequenceParallel && strategy.tensor > 1)));
  }
});

test('parallelisms that are not allowed have degree 1', (t) => {
  const strategies = strategiesOf(
    aWorkload({ planning: { parallelisms: ['FullySharded'], recomputations: ['None'] } }),
    { stages: 1, microBatches: 1, virtualStages: 1 },
  );
  t.deepEqual(degrees(strategies), ['1·8·1']);
  t.deepEqual(
    strategies.map(({ recomputation }) => recomputation),
    ['None'],
  );
});

test('fixed degrees are the only ones', (t) => {
  const workload = aWorkload({ planning: { tensorDegree: 2, shardDegree: 2 } });
  t.deepEqual(degrees(strategiesOf(workload, { stages: 1, microBatches: 1, virtualStages: 1 })), ['2·2·2', '2·2·2']);
  t.deepEqual(strategiesOf(workload, { stages: 8, microBatches: 1, virtualStages: 1 }), []);
});

test('tensor groups stay inside a node', (t) => {
  const workload = aWorkload({ gpus: 16, hardware: someHardware(4, 4) });
  const strategies = strategiesOf(workload, { stages: 1, microBatches: 1, virtualStages: 1 });
  t.is(Math.max(...strategies.map(({ tensor }) => tensor)), 4);
});

test('tensor groups reach beyond a node where nothing else can be, or where it is asked for', (t) => {
  const hardware = someHardware(4, 4);
  const small = aWorkload({ gpus: 16, hardware, training: { globalBatchSize: 1 } });
  t.deepEqual(degrees(strategiesOf(small, { stages: 1, microBatches: 1, virtualStages: 1 })), ['16·1·1', '16·1·1']);
  const asked = aWorkload({ gpus: 16, hardware, planning: { tensorDegree: 8 } });
  t.true(strategiesOf(asked, { stages: 1, microBatches: 1, virtualStages: 1 }).every(({ tensor }) => tensor === 8));
});

test('each strategy uses all GPUs of a stage and whole samples', (t) => {
  const workloads = fc.record({
    gpus: fc.constantFrom(1, 2, 4, 6, 8, 12, 16, 24, 32),
    globalBatchSize: fc.integer({ min: 1, max: 96 }),
  });
  fc.assert(
    fc.property(workloads, ({ gpus, globalBatchSize }) => {
      const hardware = someHardware(Math.ceil(gpus / 8), Math.min(gpus, 8));
      const workload: Workload = aWorkload({ gpus, hardware, training: { globalBatchSize } });
      const candidates = [1, 2, 3, 4]
        .filter((stages) => gpus % stages === 0)
        .map((stages) => ({ stages, microBatches: 1, virtualStages: 1 }));
      return candidates.every((candidate) =>
        strategiesOf(workload, candidate).every(
          ({ tensor, shards, replicas }) =>
            tensor * shards * replicas * candidate.stages === gpus &&
            Number.isInteger(globalBatchSize / (shards * replicas)),
        ),
      );
    }),
  );
  t.pass();
});

test('candidates: pipeline degrees divide the GPUs, micro-batches the batch', (t) => {
  const candidates = candidatesOf(aWorkload({ training: { globalBatchSize: 4 } }));
  t.deepEqual(
    candidates.map(({ stages, microBatches }) => `${stages}·${microBatches}`),
    // One stage and 8 stages of 8 layers; the batch of 4 leaves each of 8 GPUs of a stage some tensor degree.
    ['1·1', '1·2', '1·4', '2·1', '2·2', '2·4', '4·1', '4·2', '4·4', '8·1', '8·2', '8·4'],
  );
});

test('no more stages than layers', (t) => {
  const candidates = candidatesOf(aWorkload({ gpus: 16, hardware: someHardware(2, 8) }));
  t.is(Math.max(...candidates.map(({ stages }) => stages)), 8);
});
