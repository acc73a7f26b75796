import { checkAssignment } from './check.ts';
import type { Assignment, Evaluation, Problem, SolveResult } from './problem.ts';
import type { States } from './states.ts';

/** A problem to solve, with what every method needs of it. */
export interface Task {
  readonly problem: Problem;
  readonly states: States;
  /** Only plans of fewer seconds are wanted. */
  readonly cutoff: number;
  /** Enough is known once no plan of fewer seconds is left to find. */
  readonly upTo: number;
  readonly relativeGap: number;
  /** On the clock of performance.now(). Milliseconds. */
  readonly deadline: number;
}

/** What is known of a problem while it is being solved. */
export interface Knowledge {
  readonly plan: Plan | null;
  /** Of every plan. Seconds. */
  readonly lowerBound: number;
  /** The method that found it out. */
  readonly form: SolveResult['form'];
  readonly solverNodes: number;
}

export interface Plan {
  readonly assignment: Assignment;
  readonly evaluation: Evaluation;
}

/** The value that a plan must be below to be of use. Seconds. */
export function ceiling({ cutoff }: Task, { plan }: Knowledge): number {
  return Math.min(cutoff, plan?.evaluation.value ?? Infinity);
}

/** Whether enough is known, or no time is left to find out more. */
export function isSettled(task: Task, known: Knowledge): boolean {
  const top = ceiling(task, known);
  const closed = top < Infinity && top - known.lowerBound <= task.relativeGap * top;
  return closed || known.lowerBound >= task.upTo || performance.now() >= task.deadline;
}

/**
 * What is known once a plan has been found.
 *
 * @throws {InternalError} where the checker rejects the plan
 */
export function withPlan(task: Task, known: Knowledge, assignment: Assignment): Knowledge {
  const evaluation = checkAssignment(task.problem, assignment);
  return evaluation.value < ceiling(task, known) ? { ...known, plan: { assignment, evaluation } } : known;
}

export function withBound(known: Knowledge, lowerBound: number): Knowledge {
  return lowerBound > known.lowerBound ? { ...known, lowerBound } : known;
}
