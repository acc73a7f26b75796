import test from 'ava';
import fc from 'fast-check';
import { evaluate } from '../../src/planner/evaluate.ts';
import type { Problem } from '../../src/planner/problem.ts';
import { leastExcess, shortfall } from '../../src/planner/shortfall.ts';
import { placements } from './brute-force.ts';
import { features, generate, kinds } from './generate.ts';

/** By trying every placement with the leanest allowed strategies. */
function leastByTrying(problem: Problem): number {
  const leanest = (layer: number, stage: number): number => {
    const { time, memory, perIteration } = problem.layers[layer] ?? { time: [], memory: [], perIteration: [] };
    const allowed = (memory[stage] ?? []).filter((_, k) =>
      [time, perIteration].every((table) => Number.isFinite(table[stage]?.[k])),
    );
    return Math.min(...allowed);
  };
  const excesses = placements(problem.layers.length, problem.stages).map((placement) =>
    Math.max(
      ...problem.memoryLimit.map((limit, stage) => {
        const inside = placement.map((of, layer) => (of === stage ? leanest(layer, stage) : 0));
        return inside.reduce((total, bytes) => total + bytes, 0) - limit;
      }),
    ),
  );
  return Math.min(Infinity, ...excesses);
}

test('the least excess is the least over all placements, at the stage that it names', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 0, max: 2 ** 30 }),
        kind: fc.constantFrom(...kinds),
        feature: fc.constantFrom(...features),
        layers: fc.integer({ min: 1, max: 7 }),
        stages: fc.integer({ min: 1, max: 7 }),
      }),
      ({ seed, ...shape }) => {
        const problem = generate(seed, { ...shape, strategies: 3 });
        const least = leastByTrying(problem);
        const found = leastExcess(problem);
        if (!Number.isFinite(least) || found === null) {
          t.true(found === null && !Number.isFinite(least));
          return;
        }
        t.true(Math.abs(found.bytes - least) < 1e-9);
        const { stageMemory } = evaluate(problem, found.assignment);
        const excess = stageMemory.map((bytes, stage) => bytes - (problem.memoryLimit[stage] ?? 0));
        t.true(Math.abs((excess[found.stage] ?? Infinity) - least) < 1e-9);
        t.true(Math.max(...excess) <= least + 1e-9);
      },
    ),
    { numRuns: 300, seed: 5 },
  );
});

test('the shortfall is that of the candidate that lacks least, the first of equals', (t) => {
  const tables = (bytes: number): Problem => ({
    stages: 1,
    microBatches: 1,
    memoryLimit: [10],
    layers: [{ name: 'only', time: [[1]], memory: [[bytes]], perIteration: [[0]] }],
    reshard: [],
    transfer: [],
  });
  const bytes = { far: 30, near: 12, alsoNear: 12, impossible: Infinity };
  const candidates = ['impossible', 'far', 'near', 'alsoNear'] as const;
  t.deepEqual(
    shortfall(candidates, (name) => tables(bytes[name])),
    { candidate: 'near', stage: 0, bytes: 2, assignment: { placement: [0], strategy: [0] } },
  );
  t.is(
    shortfall(candidates, () => null),
    null,
  );
});
