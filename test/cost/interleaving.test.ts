import test from 'ava';
import fc from 'fast-check';
import { crossings } from '../../src/cost/interleaving.ts';
import { range } from '../../src/planner/at.ts';
import { evaluate } from '../../src/planner/evaluate.ts';
import { simulate } from '../../src/plan/report/timeline/simulate.ts';

interface Interleaved {
  readonly virtualStages: number;
  readonly microBatches: number;
  /** Of each stage, for one micro-batch in all chunks; seconds. */
  readonly stageSeconds: readonly number[];
  /** Of each crossing of each boundary, an activation and its gradient; seconds. */
  readonly boundarySeconds: number;
}

/** A backward pass takes twice as long as a forward pass. */
const FORWARD = 1 / 3;

const pipelines = (stageSeconds: fc.Arbitrary<number>, equal: boolean) =>
  fc
    .record({
      stages: fc.integer({ min: 2, max: 6 }),
      virtualStages: fc.integer({ min: 2, max: 4 }),
      rounds: fc.integer({ min: 1, max: 4 }),
      seconds: fc.array(stageSeconds, { minLength: 6, maxLength: 6 }),
    })
    .map(({ stages, virtualStages, rounds, seconds }) => ({
      virtualStages,
      microBatches: stages * rounds,
      stageSeconds: equal ? range(0, stages).map(() => seconds[0] ?? 0) : seconds.slice(0, stages),
    }));

const seconds = fc.integer({ min: 10, max: 20 });

/** What the planner says of it, one layer a stage. */
function planned({ virtualStages, microBatches, stageSeconds, boundarySeconds }: Interleaved): number {
  const stages = stageSeconds.length;
  const none = stageSeconds.map(() => [0]);
  const problem = {
    stages,
    microBatches: microBatches * virtualStages,
    boundaryWeight: crossings({ stages, microBatches, virtualStages }),
    memoryLimit: stageSeconds.map(() => 0),
    layers: stageSeconds.map((time) => ({
      name: 'layer',
      time: stageSeconds.map(() => [time / virtualStages]),
      memory: none,
      buffers: none,
      perIteration: none,
    })),
    reshard: stageSeconds.slice(1).map(() => [[0]]),
    transfer: stageSeconds.slice(1).map(() => [[boundarySeconds]]),
  };
  const placement = range(0, stages);
  return evaluate(problem, { placement, strategy: placement.map(() => 0) }).value;
}

function played({ virtualStages, microBatches, stageSeconds, boundarySeconds }: Interleaved): number {
  const spans = simulate(
    { schedule: 'Interleaved1F1B', stages: stageSeconds.length, microBatches, chunks: virtualStages },
    {
      stages: stageSeconds.map((time) => ({ forward: FORWARD * time, backward: (1 - FORWARD) * time })),
      boundaries: stageSeconds.slice(1).map(() => boundarySeconds * virtualStages),
    },
  );
  return Math.max(...spans.map(({ end }) => end));
}

test('equal stages take as long as played through, where an activation is sent in the time of a forward pass', (t) => {
  fc.assert(
    fc.property(pipelines(seconds, true), fc.double({ min: 0, max: 1, noNaN: true }), (pipeline, share) => {
      const pass = (pipeline.stageSeconds[0] ?? 0) / pipeline.virtualStages;
      const step = { ...pipeline, boundarySeconds: 2 * FORWARD * pass * share };
      return Math.abs(planned(step) / played(step) - 1) < 1e-9;
    }),
  );
  t.pass();
});

test('unequal stages take no longer played through, and at most a quarter less', (t) => {
  fc.assert(
    fc.property(pipelines(seconds, false), fc.double({ min: 0, max: 1, noNaN: true }), (pipeline, share) => {
      const pass = Math.min(...pipeline.stageSeconds) / pipeline.virtualStages;
      const step = { ...pipeline, boundarySeconds: 2 * FORWARD * pass * share };
      const ratio = planned(step) / played(step);
      return ratio > 1 - 1e-9 && ratio < 1.25;
    }),
  );
  t.pass();
});

test('where boundaries are slower than a pass, a step is priced at 0.9 to 2 times what it takes', (t) => {
  fc.assert(
    fc.property(pipelines(seconds, true), fc.double({ min: 1, max: 100, noNaN: true }), (pipeline, times) => {
      const pass = (pipeline.stageSeconds[0] ?? 0) / pipeline.virtualStages;
      const step = { ...pipeline, boundarySeconds: pass * times };
      const ratio = planned(step) / played(step);
      return ratio > 0.9 && ratio < 2;
    }),
  );
  t.pass();
});
