import test from 'ava';
import fc from 'fast-check';
import type { Problem } from '../../src/planner/problem.ts';
import {
  type Candidate,
  search,
  type SearchOptions,
  type SearchResult,
  type SearchSpace,
} from '../../src/planner/search.ts';
import { createSolver, type Solver } from '../../src/planner/solver/solver.ts';
import { features, generate, kinds } from './generate.ts';
import { labelSetting } from './label-setting.ts';
import { threadlessSolver } from './threadless-solver.ts';

/** With so much time for HiGHS that a busy machine does not matter. */
const options: SearchOptions = {
  solver: threadlessSolver,
  timeLimitSeconds: 120,
  relativeGap: 1e-6,
  confirmationSeconds: { all: 120, each: 120 },
};

const candidates: readonly Candidate[] = [1, 2, 3].flatMap((stages) =>
  [1, 2, 4].map((microBatches) => ({ stages, microBatches })),
);

/** A space of unlike problems; null, infeasible and tied candidates among them. */
function spaceOf(seed: number): SearchSpace & { readonly problems: ReadonlyMap<Candidate, Problem | null> } {
  const problems = new Map(
    candidates.map((candidate, index) => {
      const [kind = 'free', feature = 'plain'] = [
        kinds[(seed + index) % kinds.length],
        features[(seed >> 3) % features.length],
      ];
      const same = Math.floor(index / 2) + seed * 10;
      const tables = generate(same, { kind, feature, layers: 5, strategies: 3, stages: candidate.stages });
      return [
        candidate,
        (seed + index) % 5 === 0 ? null : { ...tables, microBatches: candidate.microBatches },
      ] as const;
    }),
  );
  return { candidates, problems, problem: (candidate) => problems.get(candidate) ?? null };
}

function withoutTimes(result: SearchResult): unknown {
  return { ...result, seconds: 0, log: result.log.map((entry) => ({ ...entry, seconds: 0 })) };
}

test('the best over all candidates is found and proved, and every candidate is accounted for', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 10_000 }), async (seed) => {
      const space = spaceOf(seed);
      const optima = [...space.problems.values()].map((problem) =>
        problem === null ? Infinity : labelSetting(problem),
      );
      const optimum = Math.min(...optima);
      const result = await search(space, options);
      t.is(result.status, optimum === Infinity ? 'infeasible' : 'optimal');
      t.true(optimum === result.value || Math.abs(result.value - optimum) <= 1e-6 * optimum);
      t.true(result.lowerBound <= optimum * (1 + 1e-9) && result.relativeGap <= 1e-6);
      t.is(new Set(result.log.map(({ candidate }) => candidate)).size, candidates.length);
      t.is(result.log.length, candidates.length);
      const solved = result.log.filter(({ outcome }) => outcome === 'solved');
      t.is(result.confirmed, optimum === Infinity ? 0 : solved.length, 'HiGHS proves every plan');
      for (const { candidate, lowerBound } of result.log) {
        const best = optima[candidates.indexOf(candidate)] ?? Infinity;
        t.true(lowerBound <= best * (1 + 1e-9), 'a proved bound is one');
      }
    }),
    { numRuns: 60, seed: 8 },
  );
});

test.serial('the same input gives the same plan and the same log', async (t) => {
  await using threaded = createSolver({ threads: 2 });
  const inThread = await search(spaceOf(3), { ...options, solver: threaded });
  t.deepEqual(withoutTimes(await search(spaceOf(3), options)), withoutTimes(inThread));
});

test.serial('with two threads HiGHS confirms all that it confirms with one', async (t) => {
  await using threaded = createSolver({ threads: 2 });
  for (const seed of [1, 2, 3, 4]) {
    const { log, confirmed } = await search(spaceOf(seed), { ...options, solver: threaded });
    t.is(confirmed, log.filter(({ outcome }) => outcome === 'solved').length);
  }
});

test('of candidates that are equally good, the first is taken', async (t) => {
  const problem = generate(2, { kind: 'blocks', feature: 'plain', layers: 6, strategies: 3, stages: 2 });
  const twins = [1, 2, 3].map(() => ({ stages: 2, microBatches: problem.microBatches }));
  const { candidate } = await search({ candidates: twins, problem: () => problem }, options);
  t.true(candidate !== null && candidate === twins[0]);
});

test('a candidate whose bound is no better than the best plan is never solved', async (t) => {
  const cheap = generate(2, { kind: 'blocks', feature: 'plain', layers: 6, strategies: 3, stages: 2 });
  const dear: Problem = {
    ...cheap,
    layers: cheap.layers.map((layer) => ({ ...layer, time: layer.time.map((row) => row.map((cost) => cost * 10)) })),
  };
  const [first, second] = [{ stages: 2, microBatches: 1 }, { stages: 2, microBatches: 2 }]; // prettier-ignore
  const space = {
    candidates: [second, first],
    problem: (candidate: Candidate) => (candidate === first ? cheap : dear),
  };
  const { log, candidate } = await search(space, options);
  t.is(candidate, first);
  t.deepEqual(log.map(({ outcome }) => outcome), ['solved', 'pruned-by-bound']); // prettier-ignore
});

test('where nothing takes any time, every plan is as good', async (t) => {
  const free = (matrix: readonly (readonly number[])[]) => matrix.map((row) => row.map(() => 0));
  const space = spaceOf(1);
  const problem = (candidate: Candidate): Problem | null => {
    const tables = space.problem(candidate);
    return (
      tables && {
        ...tables,
        layers: tables.layers.map((layer) => ({ ...layer, time: free(layer.time), perIteration: free(layer.time) })),
        reshard: tables.reshard.map(free),
        transfer: tables.transfer.map(free),
      }
    );
  };
  const { status, value, lowerBound } = await search({ candidates, problem }, options);
  t.deepEqual([status, value, lowerBound], ['optimal', 0, 0]);
});

test('no candidates, or none that is possible, is infeasible', async (t) => {
  for (const none of [[], candidates]) {
    const result = await search({ candidates: none, problem: () => null }, options);
    t.is(result.status, 'infeasible');
    t.is(result.lowerBound, Infinity);
    t.is(result.relativeGap, 0);
  }
});

test('a search without time says that it knows nothing but its bounds', async (t) => {
  const space = spaceOf(1);
  const { lowerBound: least } = await search(space, options);
  const { status, value, lowerBound, relativeGap, log } = await search(space, { ...options, timeLimitSeconds: 0 });
  t.deepEqual([status, value, relativeGap], ['unknown', Infinity, 1]);
  t.true(lowerBound <= least);
  t.true(log.some(({ outcome }) => outcome === 'time-limit'));
});

test('a search that is stopped after its first plan keeps it, with an honest gap', async (t) => {
  const space = spaceOf(1);
  const { value: optimum } = await search(space, options);
  const stop = new AbortController();
  const stopping: Solver = {
    ...threadlessSolver,
    solve: async (problem, limits) => {
      const answer = await threadlessSolver.solve(problem, limits);
      if (answer.assignment !== null) {
        stop.abort();
      }
      return answer;
    },
  };
  const { status, value, lowerBound, relativeGap } = await search(space, {
    ...options,
    solver: stopping,
    signal: stop.signal,
  });
  t.true(status === 'feasible' || status === 'optimal');
  t.true(value >= optimum * (1 - 1e-9) && lowerBound <= optimum * (1 + 1e-9));
  t.true(Math.abs(relativeGap - (value - lowerBound) / value) < 1e-12);
});

test('a candidate whose solve breaks down stays open at its bound', async (t) => {
  const failing: Solver = {
    ...threadlessSolver,
    solve: () =>
      Promise.resolve({
        status: 'unknown',
        assignment: null,
        evaluation: null,
        lowerBound: -Infinity,
        form: 'none',
        solverNodes: 0,
        seconds: 0,
        failure: 'the worker is gone',
      }),
  };
  const { status, lowerBound, log } = await search(spaceOf(1), { ...options, solver: failing });
  t.is(status, 'unknown');
  const failed = log.filter(({ outcome }) => outcome === 'failed');
  t.true(failed.length > 0 && failed.every(({ failure }) => failure === 'the worker is gone'));
  t.is(lowerBound, Math.min(...failed.map(({ bound }) => bound)));
});

test.serial('where plans do not count, the best of those that do is found: first and last layer alike', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 10_000 }), async (seed) => {
      const whole = spaceOf(seed);
      const partsOf = new Map(
        [...whole.problems].map(([candidate, problem]) => [candidate, alike(candidate, problem)]),
      );
      const problems = new Map([...whole.problems, ...[...partsOf.values()].flat()]);
      const optima = [...partsOf.values()].flat().map(([, problem]) => labelSetting(problem));
      const optimum = Math.min(...optima);
      const result = await search(
        {
          candidates,
          problem: (candidate) => problems.get(candidate) ?? null,
          parts: (candidate, { strategy }) =>
            strategy[0] === strategy.at(-1) ? [] : (partsOf.get(candidate) ?? []).map(([part]) => part),
        },
        options,
      );
      t.is(result.status, optimum === Infinity ? 'infeasible' : 'optimal');
      t.true(optimum === result.value || Math.abs(result.value - optimum) <= 1e-6 * optimum);
      t.true(result.lowerBound <= optimum * (1 + 1e-9));
      t.is(result.assignment?.strategy[0], result.assignment?.strategy.at(-1));
    }),
    { numRuns: 30 },
  );
});

/** A candidate for each strategy that the first and the last layer of a candidate can both have. */
function alike(candidate: Candidate, problem: Problem | null): readonly (readonly [Candidate, Problem])[] {
  const ends = [0, (problem?.layers.length ?? 0) - 1];
  return [0, 1, 2].flatMap((only) =>
    problem === null
      ? []
      : [
          [
            { ...candidate },
            {
              ...problem,
              layers: problem.layers.map((layer, index) => ({
                ...layer,
                time: layer.time.map((row) =>
                  row.map((seconds, k) => (ends.includes(index) && k !== only ? Infinity : seconds)),
                ),
              })),
            },
          ] as const,
        ],
  );
}
