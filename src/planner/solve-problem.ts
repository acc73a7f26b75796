import { candidateBound } from './candidate-bound.ts';
import { evaluate } from './evaluate.ts';
import type { Formulation } from './formulation.ts';
import { isSettled, type Knowledge, type Task, withBound, withPlan } from './knowledge.ts';
import type { Problem, SolveResult } from './problem.ts';
import { leastExcess } from './shortfall.ts';
import { bestForm, solveByForm } from './solve-by-form.ts';
import { solveByStages } from './solve-by-stages.ts';
import type { ProgramSolver } from './solver/program-solver.ts';
import { usableStates } from './states.ts';

/** `linear`: whichever of the two is better for the problem. */
type Form = Formulation['form'] | 'linear';

export interface SolveLimits {
  readonly timeLimitSeconds: number;
  /** (value − lower bound) / value at which a plan counts as optimal. */
  readonly relativeGap: number;
  /** Only plans of fewer seconds than this are wanted; all, unless said otherwise. */
  readonly cutoff?: number;
  /** Every plan is known to take at least so many seconds. */
  readonly lowerBound?: number;
  /** Stop once no plan of fewer seconds than this is left to find; at the optimum, unless said otherwise. */
  readonly upTo?: number;
  /** Whether some plan is known to fit; otherwise that is found out first. */
  readonly fits?: boolean;
  /** Use this linear form alone; unless said otherwise, the stage-wise search, and a form where that gives up. */
  readonly form?: Form;
}

/**
 * What either method may spend before the other has its turn: runs and prefixes of the stage-wise search, nodes of the
 * solver. Counts instead of times, since what is found must not depend on the clock.
 */
const FIRST_EFFORT = { runs: 8_000_000, nodes: 20 } as const;

/** What is proved holds but for the rounding of costs (see LayeredGraph), so no smaller gap is asked for. */
const LEAST_GAP = 1e-9;

/** By how much the efforts grow from turn to turn, so that little is lost on the method that does not get there. */
const GROWTH = 8;

/**
 * Solves one problem to a proved optimum (within the gap), or as far as time allows. Every plan that is returned has
 * passed the checker. Where no plan is below the cutoff, the answer is `unknown` with a lower bound of at least the
 * cutoff.
 *
 * @param loadSolver called only if the solver is needed
 *
 * @throws {InternalError} where the checker and a method disagree
 */
export async function solveProblem(
  problem: Problem,
  limits: SolveLimits,
  loadSolver: () => Promise<ProgramSolver>,
): Promise<SolveResult> {
  const started = performance.now();
  const { cutoff = Infinity, upTo = Infinity, lowerBound = -Infinity, timeLimitSeconds } = limits;
  const relativeGap = Math.max(limits.relativeGap, LEAST_GAP);
  const deadline = started + timeLimitSeconds * 1000;
  const task = { problem, states: usableStates(problem), cutoff, upTo, relativeGap, deadline };
  const known = await settle(task, { lowerBound, form: limits.form, fits: limits.fits === true }, loadSolver);
  return {
    status: statusOf(known, relativeGap),
    assignment: known.plan?.assignment ?? null,
    evaluation: known.plan?.evaluation ?? null,
    lowerBound: known.lowerBound,
    form: known.form,
    solverNodes: known.solverNodes,
    seconds: (performance.now() - started) / 1000,
  };
}

async function settle(
  task: Task,
  { lowerBound, form, fits }: Required<Pick<SolveLimits, 'lowerBound' | 'fits'>> & { readonly form: Form | undefined },
  loadSolver: () => Promise<ProgramSolver>,
): Promise<Knowledge> {
  const { problem, states } = task;
  const nothing: Knowledge = { plan: null, lowerBound, form: 'none', solverNodes: 0 };
  const bounded = withBound(nothing, candidateBound(problem, states));
  const start = fits ? bounded : withLeanestPlan(task, bounded);
  if (start.lowerBound === Infinity) {
    return start;
  }
  if (form !== undefined) {
    const chosen = form === 'linear' ? bestForm(task) : form;
    return solveByForm(task, { ...start, plan: null }, { form: chosen, nodeLimit: Infinity }, await loadSolver());
  }
  return solveByTurns(task, start, loadSolver);
}

/** The plan that needs least memory, where it is below the cutoff, or the proof that none fits. */
function withLeanestPlan(task: Task, known: Knowledge): Knowledge {
  const leanest = known.lowerBound === Infinity ? null : leastExcess(task.problem);
  if (leanest === null || leanest.bytes > 0) {
    return withBound(known, Infinity);
  }
  const { value } = evaluate(task.problem, leanest.assignment);
  return Number.isFinite(value) ? withPlan(task, known, leanest.assignment) : known;
}

/** The stage-wise search is best where layers differ, the solver where many are equal; neither always. */
async function solveByTurns(
  task: Task,
  start: Knowledge,
  loadSolver: () => Promise<ProgramSolver>,
): Promise<Knowledge> {
  let { runs, nodes }: { runs: number; nodes: number } = FIRST_EFFORT;
  let known = solveByStages(task, start, runs);
  while (!isSettled(task, known)) {
    known = solveByForm(task, known, { form: bestForm(task), nodeLimit: nodes }, await loadSolver());
    runs *= GROWTH;
    nodes *= GROWTH;
    known = isSettled(task, known) ? known : solveByStages(task, known, runs);
  }
  return known;
}

function statusOf({ plan, lowerBound }: Knowledge, relativeGap: number): SolveResult['status'] {
  if (plan === null) {
    return lowerBound === Infinity ? 'infeasible' : 'unknown';
  }
  const { value } = plan.evaluation;
  return value - lowerBound <= relativeGap * value ? 'optimal' : 'feasible';
}
