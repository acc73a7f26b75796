import test from 'ava';
import fc from 'fast-check';
import { evaluate } from '../../src/planner/evaluate.ts';
import type { LayerCosts, Problem } from '../../src/planner/problem.ts';
import { leastExcess, shortfall } from '../../src/planner/shortfall.ts';
import { placements } from './brute-force.ts';
import { features, generate, kinds } from './generate.ts';

/** By trying every placement and, in each stage, every choice of allowed strategies. */
function leastByTrying({ layers, stages, memoryLimit }: Problem): number {
  const leastNeed = (inside: readonly LayerCosts[], stage: number, soFar = { memory: 0, buffer: 0 }): number => {
    const [layer, ...others] = inside;
    if (layer === undefined) {
      return soFar.memory + soFar.buffer;
    }
    const needs = (layer.memory[stage] ?? []).map((bytes, k) => {
      const [time = Infinity, iteration = Infinity, own = Infinity] = [
        layer.time,
        layer.perIteration,
        layer.buffers,
      ].map((table) => table[stage]?.[k]);
      const allowed = Number.isFinite(time) && Number.isFinite(iteration);
      const next = { memory: soFar.memory + bytes, buffer: Math.max(soFar.buffer, own) };
      return allowed ? leastNeed(others, stage, next) : Infinity;
    });
    return Math.min(...needs);
  };
  const excesses = placements(layers.length, stages).map((placement) =>
    Math.max(
      ...memoryLimit.map((limit, stage) => {
        const inside = layers.filter((_, layer) => placement[layer] === stage);
        return leastNeed(inside, stage) - limit;
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
    boundaryWeight: 1,
    memoryLimit: [10],
    layers: [{ name: 'only', time: [[1]], memory: [[bytes]], buffers: [[0]], perIteration: [[0]] }],
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
