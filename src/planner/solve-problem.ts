import { invariant } from '../api/errors.ts';
import { candidateBound } from './candidate-bound.ts';
import { checkAssignment } from './check.ts';
import type { Formulation, Scale } from './formulation.ts';
import { groupedForm } from './grouped-form.ts';
import { groupsOf } from './groups.ts';
import { pathForm } from './path-form.ts';
import type { Problem, SolveResult } from './problem.ts';
import { leastExcess } from './shortfall.ts';
import type { ProgramAnswer, ProgramSolver } from './solver/program-solver.ts';
import { type States, usableStates } from './states.ts';

export interface SolveLimits {
  readonly timeLimitSeconds: number;
  /** (value − lower bound) / value at which a plan counts as optimal. */
  readonly relativeGap: number;
  /** Only plans of at most this many seconds are wanted; all, unless said otherwise. */
  readonly cutoff?: number;
  /** The form to use; the grouped form where any layers can be grouped, unless said otherwise. */
  readonly form?: Formulation['form'];
}

/** How far a checked value may lie from what the solver claims, as a share of it. */
const AGREEMENT = 1e-6;

/** The objective of a program is of this order, so that the solver's absolute tolerances are harmless. */
const OBJECTIVE_UNITS = 1000;

/**
 * Solves one problem to a proved optimum (within the gap), or as far as time allows. Every plan that is returned has
 * passed the checker. Where a cutoff is given and no plan is within it, the answer is `unknown` with the cutoff as lower
 * bound, or better.
 *
 * @throws {InternalError} where the checker and the solver disagree
 */
export function solveProblem(problem: Problem, limits: SolveLimits, solveProgram: ProgramSolver): SolveResult {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const { cutoff = Infinity, timeLimitSeconds, relativeGap } = limits;
  const states = usableStates(problem);
  const bound = candidateBound(problem, states);
  const excess = leastExcess(problem);
  if (bound === Infinity || excess === null || excess.bytes > 0) {
    return { ...withoutPlan('infeasible', Infinity), seconds: seconds() };
  }
  if (bound > cutoff) {
    return { ...withoutPlan('unknown', bound), seconds: seconds() };
  }
  const scale = { timeUnit: bound > 0 ? bound / OBJECTIVE_UNITS : 1, cutoff };
  const formulation = formulate(problem, states, scale, limits.form);
  const remaining = Math.max(0, timeLimitSeconds - seconds());
  const answer = solveProgram(formulation.program.toSparse(), { timeLimitSeconds: remaining, relativeGap });
  const proved = { bound, relativeGap };
  return { ...interpret(problem, formulation, answer, { ...scale, ...proved }), seconds: seconds() };
}

function formulate(problem: Problem, states: States, scale: Scale, form?: Formulation['form']): Formulation {
  const groupable = (): boolean => groupsOf(problem, states).some(({ size }) => size > 1);
  return (form ?? (groupable() ? 'grouped' : 'path')) === 'grouped'
    ? groupedForm(problem, states, scale)
    : pathForm(problem, states, scale);
}

type Outcome = Omit<SolveResult, 'seconds'>;

function withoutPlan(status: 'infeasible' | 'unknown', lowerBound: number): Outcome {
  return { status, assignment: null, evaluation: null, lowerBound, form: 'none', solverNodes: 0 };
}

/** What the solver's answer means for the problem, re-computed from the tables. */
function interpret(
  problem: Problem,
  { form, decode }: Formulation,
  answer: ProgramAnswer,
  { timeUnit, cutoff, bound, relativeGap }: Scale & { readonly bound: number; readonly relativeGap: number },
): Outcome {
  const solved = { form, solverNodes: answer.nodes };
  if (answer.status === 'infeasible') {
    const outcome =
      cutoff < Infinity ? withoutPlan('unknown', Math.max(bound, cutoff)) : withoutPlan('infeasible', Infinity);
    return { ...outcome, ...solved };
  }
  const claimed = Math.max(bound, answer.lowerBound * timeUnit);
  if (answer.solution === null) {
    return { ...withoutPlan('unknown', claimed), ...solved };
  }
  const assignment = decode(answer.solution);
  const evaluation = checkAssignment(problem, assignment);
  const { value } = evaluation;
  invariant(
    claimed <= value * (1 + AGREEMENT),
    `the solver proved ${claimed} s of a plan that the checker finds to take ${value} s`,
  );
  const lowerBound = Math.min(claimed, value);
  const status = value - lowerBound <= relativeGap * value ? 'optimal' : 'feasible';
  return { status, assignment, evaluation, lowerBound, ...solved };
}
