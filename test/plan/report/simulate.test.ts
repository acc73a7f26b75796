import test from 'ava';
import fc from 'fast-check';
import type { Pipeline } from '../../../src/plan/report/timeline/order.ts';
import { type PipelineTimes, simulate, type Span } from '../../../src/plan/report/timeline/simulate.ts';

const seconds = fc.integer({ min: 1, max: 50 }).map((value) => value / 10);

const pipelines = fc
  .record({
    schedule: fc.constantFrom('1F1B' as const, 'GPipe' as const, 'Interleaved1F1B' as const),
    stages: fc.integer({ min: 1, max: 5 }),
    rounds: fc.integer({ min: 1, max: 4 }),
    chunks: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ schedule, stages, rounds, chunks }): Pipeline => ({
    schedule,
    stages,
    microBatches: rounds * stages,
    chunks: schedule === 'Interleaved1F1B' && stages > 1 ? chunks : 1,
  }));

const cases = pipelines.chain((pipeline) =>
  fc.record({
    pipeline: fc.constant(pipeline),
    times: fc.record({
      stages: fc.array(fc.record({ forward: seconds, backward: seconds }), {
        minLength: pipeline.stages,
        maxLength: pipeline.stages,
      }),
      boundaries: fc.array(seconds, { minLength: pipeline.stages - 1, maxLength: pipeline.stages - 1 }),
    }),
  }),
);

function equalTimes(stages: number, boundary = 0): PipelineTimes {
  return {
    stages: Array.from({ length: stages }, () => ({ forward: 1, backward: 2 })),
    boundaries: Array.from({ length: stages - 1 }, () => boundary),
  };
}

function endOf(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ end }) => end));
}

test('equal stages without transfers take what the closed form says', (t) => {
  for (const schedule of ['1F1B', 'GPipe'] as const) {
    const spans = simulate({ schedule, stages: 4, microBatches: 8, chunks: 1 }, equalTimes(4));
    t.is(endOf(spans), (8 + 4 - 1) * 3, schedule);
  }
});

test('with v chunks a v-th of the bubble is left', (t) => {
  const spans = simulate({ schedule: 'Interleaved1F1B', stages: 4, microBatches: 8, chunks: 2 }, equalTimes(4));
  t.is(endOf(spans), 8 * 3 + ((4 - 1) * 3) / 2);
});

test('a slow boundary delays the first micro-batch by a half on the way there, and one back', (t) => {
  const spans = simulate({ schedule: 'GPipe', stages: 2, microBatches: 1, chunks: 1 }, equalTimes(2, 4));
  t.is(endOf(spans), 2 * 3 + 4);
  t.deepEqual(
    spans.filter(({ kind }) => kind === 'transfer').map(({ stage, start, end }) => [stage, start, end]),
    [
      [0, 1, 3],
      [1, 6, 8],
    ],
  );
});

test('every pass is done once, none beside another of its stage, and each after what it needs', (t) => {
  fc.assert(
    fc.property(cases, ({ pipeline, times }) => {
      const spans = simulate(pipeline, times);
      const passes = spans.filter(({ kind }) => kind !== 'transfer');
      const { stages, microBatches, chunks } = pipeline;
      t.is(passes.length, 2 * stages * microBatches * chunks);
      t.is(
        new Set(passes.map(({ kind, stage, microBatch, chunk }) => `${kind} ${stage} ${microBatch} ${chunk}`)).size,
        passes.length,
      );
      for (const row of Map.groupBy(passes, ({ stage }) => stage).values()) {
        const inOrder = row.toSorted((one, other) => one.start - other.start);
        t.true(inOrder.every(({ start }, index) => start >= (inOrder[index - 1]?.end ?? 0) - 1e-9));
      }
      const position = ({ kind, stage, chunk }: Span): number => {
        const forward = chunk * stages + stage;
        return kind === 'forward' ? forward : 2 * stages * chunks - 1 - forward;
      };
      for (const way of Map.groupBy(passes, ({ microBatch }) => microBatch).values()) {
        const inOrder = way.toSorted((one, other) => position(one) - position(other));
        t.true(inOrder.every(({ start }, index) => start >= (inOrder[index - 1]?.end ?? 0) - 1e-9));
      }
    }),
  );
});
