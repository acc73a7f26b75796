import { invariant } from '../api/errors.ts';
import type { Formulation } from './formulation.ts';
import { groupedForm } from './grouped-form.ts';
import { groupsOf } from './groups.ts';
import { ceiling, type Knowledge, type Task, withBound, withPlan } from './knowledge.ts';
import { pathForm } from './path-form.ts';
import type { ProgramSolver } from './solver/program-solver.ts';

/** How far a checked value may lie below the bound that the solver proved, as a share of it. */
const AGREEMENT = 1e-6;

/** Objectives are of this order, so that the solver's absolute tolerances are harmless. */
const OBJECTIVE_UNITS = 1000;

/** The grouped form where any layers can be grouped, the path form otherwise. */
export function bestForm({ problem, states }: Task): Formulation['form'] {
  return groupsOf(problem, states).some(({ size }) => size > 1) ? 'grouped' : 'path';
}

/**
 * Solves a mixed-integer linear program for plans below what is known.
 *
 * @throws {InternalError} where the checker rejects the solver's plan, or finds it to be better than the solver's bound
 */
export function solveByForm(
  task: Task,
  start: Knowledge,
  { form, nodeLimit }: { readonly form: Formulation['form']; readonly nodeLimit: number },
  solveProgram: ProgramSolver,
): Knowledge {
  const { problem, states, relativeGap, deadline } = task;
  const timeUnit = start.lowerBound > 0 ? start.lowerBound / OBJECTIVE_UNITS : 1;
  const top = Math.min(ceiling(task, start), task.upTo);
  const { program, decode } = (form === 'grouped' ? groupedForm : pathForm)(problem, states, { timeUnit, cutoff: top });
  const timeLimitSeconds = Math.max(0, deadline - performance.now()) / 1000;
  const answer = solveProgram(program.toSparse(), { timeLimitSeconds, nodeLimit, relativeGap });
  const known = { ...start, form, solverNodes: start.solverNodes + answer.nodes };
  if (answer.status === 'infeasible') {
    return withBound(known, top);
  }
  const bounded = withBound(known, Math.min(top, answer.lowerBound * timeUnit));
  if (answer.solution === null) {
    return bounded;
  }
  const found = withPlan(task, bounded, decode(answer.solution));
  const value = ceiling(task, found);
  invariant(
    found.lowerBound <= value * (1 + AGREEMENT),
    `the solver proved ${found.lowerBound} s of a plan that the checker finds to take ${value} s`,
  );
  return { ...found, lowerBound: Math.min(found.lowerBound, value) };
}
