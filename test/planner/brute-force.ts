import { fits } from '../../src/planner/check.ts';
import { evaluate } from '../../src/planner/evaluate.ts';
import type { Problem } from '../../src/planner/problem.ts';

/** The least value over every placement and every choice of strategies; Infinity where none fits. */
export function bruteForce(problem: Problem): number {
  let least = Infinity;
  for (const placement of placements(problem.layers.length, problem.stages)) {
    for (const strategy of choices(problem.layers.map(({ time }) => time[0]?.length ?? 0))) {
      const { value, stageMemory } = evaluate(problem, { placement, strategy });
      const inMemory = stageMemory.every(
        (bytes, stage) => Number.isFinite(bytes) && fits(bytes, problem.memoryLimit[stage] ?? 0),
      );
      // A forbidden cost makes the value infinite or not a number: neither is less.
      if (inMemory && value < least) {
        least = value;
      }
    }
  }
  return least;
}

/** Every contiguous placement in order that leaves no stage empty. */
export function placements(layers: number, stages: number): number[][] {
  if (layers === 0) {
    return stages === 0 ? [[]] : [];
  }
  if (stages === 0) {
    return [];
  }
  return [...placements(layers - 1, stages), ...placements(layers - 1, stages - 1)].map((head) => [
    ...head,
    stages - 1,
  ]);
}

function* choices([first, ...rest]: readonly number[]): Generator<number[]> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (const tail of choices(rest)) {
    for (let k = 0; k < first; k += 1) {
      yield [k, ...tail];
    }
  }
}
