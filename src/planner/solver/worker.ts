/** What runs in a worker thread: one warm HiGHS, and all of the planner's mathematics that may take long. */
import { InternalError } from '../../api/errors.ts';
import type { Problem, SolveResult } from '../problem.ts';
import { type SolveLimits, solveProblem } from '../solve-problem.ts';
import { loadHighs } from './highs.ts';
import type { ProgramSolver } from './program-solver.ts';

export interface SolveTask {
  readonly problem: Problem;
  readonly limits: SolveLimits;
}

/** A rejected plan travels as data: an error's class does not survive the way between threads. */
export type SolveReply = { readonly result: SolveResult } | { readonly internalError: string };

let warm: Promise<ProgramSolver> | undefined;

export default async function solve({ problem, limits }: SolveTask): Promise<SolveReply> {
  try {
    return { result: await solveProblem(problem, limits, () => (warm ??= loadHighs())) };
  } catch (error) {
    if (error instanceof InternalError) {
      return { internalError: error.message };
    }
    // WebAssembly that has aborted is of no more use.
    warm = undefined;
    throw error;
  }
}
