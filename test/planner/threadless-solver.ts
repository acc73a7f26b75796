import { solveProblem } from '../../src/planner/solve-problem.ts';
import { loadHighs } from '../../src/planner/solver/highs.ts';
import type { Solver } from '../../src/planner/solver/solver.ts';

const highs = await loadHighs();

/** The solver without its threads. */
export const threadlessSolver: Solver = {
  threads: 1,
  solve: (problem, limits) => solveProblem(problem, limits, () => Promise.resolve(highs)),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
