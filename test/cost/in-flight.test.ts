import test from 'ava';
import { chunksInFlight, microBatchesInFlight } from '../../src/cost/in-flight.ts';
import { range } from '../../src/planner/at.ts';
import { aWorkload } from './builders.ts';

const WORKLOAD = aWorkload({ planning: { schedule: '1F1B' } });

test('1F1B: as many micro-batches as stages lie ahead, itself included', (t) => {
  const held = (stages: number, microBatches: number) =>
    range(0, stages).map((stage) => microBatchesInFlight(WORKLOAD, { stages, microBatches, virtualStages: 1 }, stage));
  t.deepEqual(held(4, 8), [4, 3, 2, 1]);
  t.deepEqual(held(4, 2), [2, 2, 2, 1]);
});

test('GPipe: all micro-batches', (t) => {
  const workload = aWorkload({ planning: { schedule: 'GPipe' } });
  t.is(microBatchesInFlight(workload, { stages: 4, microBatches: 8, virtualStages: 1 }, 3), 8);
});

test('interleaved: one more pass than Megatron-LM runs ahead, at most all', (t) => {
  for (const [stages, microBatches, virtualStages] of [
    [2, 2, 2],
    [2, 8, 2],
    [4, 8, 2],
    [4, 16, 3],
    [8, 16, 4],
  ] as const) {
    range(0, stages).forEach((stage) => {
      const ahead = 2 * (stages - stage - 1) + (virtualStages - 1) * stages;
      t.is(
        microBatchesInFlight(WORKLOAD, { stages, microBatches, virtualStages }, stage),
        Math.min(virtualStages * microBatches, ahead + 1),
      );
    });
  }
});

test('interleaved: the first chunk of the first stage holds two rounds, the last one of the last a single micro-batch', (t) => {
  const most = (stage: number, chunk: number) =>
    Math.max(
      ...chunksInFlight(WORKLOAD, { stages: 4, microBatches: 16, virtualStages: 2 }, stage).map(
        (counts) => counts[chunk] ?? NaN,
      ),
    );
  t.is(most(0, 0), 8);
  t.is(most(3, 1), 1);
});
