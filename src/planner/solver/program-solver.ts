import type { SparseProgram } from '../linear-program.ts';

export interface ProgramOptions {
  /** Wall-clock seconds after which the best that is known is returned. */
  readonly timeLimitSeconds: number;
  /** Nodes of the branch-and-bound tree after which likewise. */
  readonly nodeLimit: number;
  /** Stop when (value − lower bound) / value is at most this. */
  readonly relativeGap: number;
}

export interface ProgramAnswer {
  /** `optimal`: within the gap asked for. `infeasible`: proved. `stopped`: by a limit. */
  readonly status: 'optimal' | 'infeasible' | 'stopped';
  /** The best values found, one a variable; null where none were. */
  readonly solution: ArrayLike<number> | null;
  /** Proved lower bound of the objective, in the program's units; −Infinity where nothing was proved. */
  readonly lowerBound: number;
  /** Nodes of the branch-and-bound tree. */
  readonly nodes: number;
}

/** Solves a mixed-integer linear program, and blocks until it has: made to be called in a worker thread. */
export type ProgramSolver = (program: SparseProgram, options: ProgramOptions) => ProgramAnswer;
