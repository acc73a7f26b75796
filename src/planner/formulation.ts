import type { LinearProgram } from './linear-program.ts';
import type { Assignment } from './problem.ts';

/** A {@link Problem} written as a mixed-integer linear program, and the way back. */
export interface Formulation {
  readonly form: 'path' | 'grouped';
  readonly program: LinearProgram;
  /** The plan that a whole-numbered solution of the program stands for. */
  readonly decode: (solution: ArrayLike<number>) => Assignment;
}

/** The units and the limits in which a program is written. */
export interface Scale {
  /** Seconds in one unit of the objective, so that the solver's tolerances mean the same for every input. */
  readonly timeUnit: number;
  /** Only plans of at most this many seconds are wanted; Infinity for all. */
  readonly cutoff: number;
}
