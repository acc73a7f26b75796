import test from 'ava';
import { extended, figuresOf, type History, NO_HISTORY } from '../../../src/operator/figures/figures.ts';
import type { RankFigures } from '../../../src/operator/figures/rank-figures.ts';

/** A look at rank 0: seconds since the start, steps done, seconds that they took. */
type Look = readonly [at: number, steps: number, seconds: number];

function after(looks: readonly Look[], windowSeconds = 60): History {
  return looks.reduce(
    (history, [at, steps, seconds]) => extended(history, [aRank({ steps, seconds })], { at: at * 1000, windowSeconds }),
    NO_HISTORY,
  );
}

function aRank(rank: Partial<RankFigures> = {}): RankFigures {
  return { rank: 0, stage: 0, steps: 10, seconds: 10, peakBytes: undefined, ...rank };
}

const cases: readonly {
  readonly name: string;
  readonly looks: readonly Look[];
  readonly expected: readonly [stepSeconds: number, steps: number, spanSeconds: number] | undefined;
}[] = [
  { name: 'one look says nothing', looks: [[0, 10, 10]], expected: undefined },
  {
    name: 'nor do two without a step between them',
    looks: [
      [0, 10, 10],
      [15, 10, 10],
    ],
    expected: undefined,
  },
  {
    name: 'the mean is of the steps between two looks',
    looks: [
      [0, 10, 90],
      [15, 20, 110],
    ],
    expected: [2, 10, 15],
  },
  {
    name: 'steps that warm up are left out',
    looks: [
      [0, 0, 0],
      [15, 2, 14],
      [30, 4, 18],
      [45, 9, 28],
    ],
    expected: [2, 5, 15],
  },
  {
    name: 'steps of before the window are forgotten',
    looks: [
      [0, 10, 100],
      [30, 20, 110],
      [60, 30, 120],
      [90, 40, 160],
    ],
    expected: [2.5, 20, 60],
  },
  {
    name: 'unless there are too few since',
    looks: [
      [0, 10, 100],
      [60, 12, 160],
      [120, 14, 220],
    ],
    expected: [30, 4, 120],
  },
  {
    name: 'a rank that begins anew is measured anew',
    looks: [
      [0, 10, 10],
      [15, 20, 20],
      [30, 1, 9],
      [45, 5, 20],
      [60, 10, 40],
    ],
    expected: [4, 5, 15],
  },
];
for (const { name, looks, expected } of cases) {
  test(name, (t) => {
    const figures = figuresOf(after(looks));
    t.deepEqual(figures && [figures.stepSeconds, figures.steps, figures.spanSeconds], expected);
  });
}

test('memory is the largest peak of each stage so far', (t) => {
  const first = [aRank({ peakBytes: 5 }), aRank({ rank: 1, peakBytes: 7 }), aRank({ rank: 2, stage: 1, peakBytes: 3 })];
  const second = [aRank({ steps: 20, peakBytes: 6 }), aRank({ rank: 2, stage: 1, peakBytes: 4 })];
  const history = extended(extended(NO_HISTORY, first, { at: 0, windowSeconds: 60 }), second, {
    at: 15_000,
    windowSeconds: 60,
  });
  t.deepEqual(
    figuresOf(history)?.memoryBytes,
    new Map([
      [0, 7],
      [1, 4],
    ]),
  );
});

test('where the rank that was asked is silent another one takes its place', (t) => {
  const history = extended(
    after([
      [0, 10, 10],
      [15, 20, 20],
    ]),
    [aRank({ rank: 3, steps: 30, seconds: 60 })],
    { at: 30_000, windowSeconds: 60 },
  );
  t.is(figuresOf(history), undefined);
});
