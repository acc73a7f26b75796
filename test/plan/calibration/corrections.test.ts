import test from 'ava';
import fc from 'fast-check';
import type { MeasuredRun } from '../../../src/api/model-profile.ts';
import { calibrated } from '../../../src/plan/calibration/calibrated.ts';
import { correctionsFrom, meanError } from '../../../src/plan/calibration/corrections.ts';
import { measuredRun } from '../../../src/plan/calibration/measured-run.ts';
import { aPlan } from '../builders.ts';

function aRun(run: Partial<MeasuredRun> = {}): MeasuredRun {
  return {
    plan: 'research/llama-1',
    date: '2026-11-24T12:00:00Z',
    steps: 100,
    stepSeconds: '1',
    computationSeconds: '0.8',
    communicationSeconds: '0.2',
    ...run,
  };
}

function rounded(corrections: object): unknown {
  return JSON.parse(
    JSON.stringify(corrections, (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(4)) : value,
    ),
  );
}

const cases: readonly { readonly name: string; readonly runs: readonly MeasuredRun[]; readonly expected: object }[] = [
  {
    name: 'one run corrects computation',
    runs: [aRun({ stepSeconds: '1.4' })],
    expected: { computation: 1.5, communication: 1, memory: 1 },
  },
  {
    name: 'runs that divide alike tell no more than one',
    runs: [
      aRun({ stepSeconds: '1.4' }),
      aRun({ stepSeconds: '2.8', computationSeconds: '1.6', communicationSeconds: '0.4' }),
    ],
    expected: { computation: 1.5, communication: 1, memory: 1 },
  },
  {
    name: 'runs that divide otherwise correct both',
    runs: [
      aRun({ stepSeconds: '1.4' }),
      aRun({ stepSeconds: '1.8', computationSeconds: '0.4', communicationSeconds: '0.6' }),
    ],
    expected: { computation: 1.2, communication: 2.2, memory: 1 },
  },
  {
    name: 'where a step took less than its communication was to take, all is corrected alike',
    runs: [aRun({ stepSeconds: '0.25', computationSeconds: '0.2', communicationSeconds: '0.3' })],
    expected: { computation: 0.5, communication: 0.5, memory: 1 },
  },
  {
    name: 'a GPU alone',
    runs: [aRun({ stepSeconds: '2', computationSeconds: '1', communicationSeconds: '0' })],
    expected: { computation: 2, communication: 1, memory: 1 },
  },
  {
    name: 'memory is the largest',
    runs: [aRun({ memoryRatio: '1.1' }), aRun({ memoryRatio: '1.3' }), aRun()],
    expected: { computation: 1, communication: 1, memory: 1.3 },
  },
  {
    name: 'less memory than planned is no reason to plan with less',
    runs: [aRun({ memoryRatio: '0.7' })],
    expected: { computation: 1, communication: 1, memory: 1 },
  },
];
for (const { name, runs, expected } of cases) {
  test(name, (t) => {
    t.deepEqual(rounded(correctionsFrom(runs)), expected);
  });
}

test('factors that made the runs are found again', (t) => {
  const seconds = fc.double({ min: 0.1, max: 1, noNaN: true });
  const factor = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, seconds), { minLength: 3, maxLength: 8 }), factor, factor, (pairs, f, g) => {
      const runs = pairs.map(([a, b]) =>
        aRun({ computationSeconds: String(a), communicationSeconds: String(b), stepSeconds: String(f * a + g * b) }),
      );
      const found = correctionsFrom(runs);
      // Runs that divide alike are corrected otherwise, and never made worse.
      t.true(meanError(runs, found) <= meanError(runs, { computation: 1, communication: 1 }) + 1e-9);
      const divides = pairs.map(([a, b]) => a / (a + b));
      if (Math.max(...divides) - Math.min(...divides) < 0.3) return;
      t.true(Math.abs(found.computation - f) < 1e-6 * f && Math.abs(found.communication - g) < 1e-6 * g);
    }),
  );
});

test('a run is recorded without the corrections that its plan was made with', (t) => {
  const predicted = {
    stepSeconds: '1.1',
    samplesPerSecond: '58',
    modelFlopsUtilisation: '0.4',
    memoryLimitBytes: 6e10,
    limitedBy: 'computation',
    computationSeconds: '0.9',
    communicationSeconds: '0.2',
    corrections: { computation: '1.5', communication: '0.5', memory: '1.2' },
  };
  const actual = {
    stepSeconds: '1.2',
    samplesPerSecond: '53',
    memoryRatio: '1.1',
    steps: 120,
    revision: 2,
    time: '2026-11-24T12:00:00Z',
  };
  t.deepEqual(measuredRun('research/llama-2', aPlan({ predicted }), actual), {
    plan: 'research/llama-2',
    date: '2026-11-24T12:00:00Z',
    steps: 120,
    stepSeconds: '1.2',
    computationSeconds: '0.6',
    communicationSeconds: '0.4',
    memoryRatio: '1.32',
  });
  t.is(measuredRun('research/llama-2', aPlan(), actual), undefined);
});

test('runs add up, the latest of each plan', (t) => {
  const before = calibrated(undefined, [aRun({ stepSeconds: '1.4' })], {});
  t.like(before, { computation: '1.5', communication: '1', memory: '1' });
  const again = calibrated(before, [aRun({ stepSeconds: '1', date: '2026-11-24T13:00:00Z' })], {});
  t.like(again, { computation: '1', runs: { length: 1 } });
  const many = Array.from({ length: 40 }, (_, index) =>
    aRun({ plan: `research/job-${index}`, date: new Date(Date.UTC(2026, 10, 24, 14, index)).toISOString() }),
  );
  const { runs, modelProfile } = calibrated(again, many, { modelProfile: 'llama' });
  t.deepEqual(
    [runs.length, runs[0]?.plan, runs.at(-1)?.plan, modelProfile],
    [32, 'research/job-8', 'research/job-39', 'llama'],
  );
});
