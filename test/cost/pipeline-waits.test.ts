import fc from 'fast-check';
import test from 'ava';
import { pipelineWaits } from '../../src/cost/pipeline-waits.ts';
import { simulate } from '../../src/plan/report/timeline/simulate.ts';

const seconds = fc.double({ min: 0.2, max: 1, noNaN: true });

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The planner's objective with the waits, over the seconds of the pipeline played through. */
function overPlayed(microBatches: number, stages: readonly number[], boundaries: readonly number[]): number {
  const times = { stages: stages.map((p) => ({ forward: p / 3, backward: (2 * p) / 3 })), boundaries };
  const spans = simulate({ schedule: '1F1B', stages: stages.length, microBatches, chunks: 1 }, times);
  const objective = sumOf(stages) + sumOf(boundaries) + (microBatches - 1) * Math.max(...stages, ...boundaries);
  return (objective + pipelineWaits(microBatches, stages, boundaries)) / Math.max(...spans.map(({ end }) => end));
}

const count = fc.integer({ min: 1, max: 40 });

test('with its waits a step is never quicker than played through', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, seconds), { minLength: 2, maxLength: 8 }), count, (pairs, microBatches) => {
      const stages = pairs.map(([p]) => p);
      const boundaries = pairs.slice(1).map(([, o]) => o / 2);
      return overPlayed(microBatches, stages, boundaries) > 1 - 1e-9;
    }),
  );
  t.pass();
});

test('nor is it much slower where stages are equal', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), count, fc.double({ min: 0, max: 0.5, noNaN: true }), (n, c, o) => {
      const over = overPlayed(
        c,
        Array.from({ length: n }, () => 1),
        Array.from({ length: n - 1 }, () => o),
      );
      return over < 1.06;
    }),
  );
  t.pass();
});

test('equal stages wait for their transfers', (t) => {
  // Two stages of 1 s, 0.2 s between: (1 + 1 + 0.2) / 2 s a micro-batch.
  t.true(Math.abs(pipelineWaits(11, [1, 1], [0.2]) - 10 * 0.1) < 1e-12);
  t.is(pipelineWaits(11, [1, 0.5], [0.2]), 0);
  t.is(pipelineWaits(11, [1, 1], [0]), 0);
  t.is(pipelineWaits(11, [1], []), 0);
});
