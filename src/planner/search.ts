import { invariant } from '../api/errors.ts';
import { candidateBound } from './candidate-bound.ts';
import type { Assignment, Evaluation, Problem, SolveResult, SolveStatus } from './problem.ts';
import type { Solver } from './solver/solver.ts';
import { usableStates } from './states.ts';

/** One choice of the outer loop. */
export interface Candidate {
  /** pp. */
  readonly stages: number;
  /** c. */
  readonly microBatches: number;
}

export interface SearchSpace {
  readonly candidates: readonly Candidate[];
  /** The candidate's tables, built when they are needed; null where the candidate cannot be. */
  problem(candidate: Candidate): Problem | null;
}

export interface SearchOptions {
  readonly solver: Solver;
  /** For the whole search. */
  readonly timeLimitSeconds: number;
  /** (value − lower bound) / value at which the best plan counts as optimal. */
  readonly relativeGap: number;
  /** Ends the search with the best plan so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (entry: CandidateLog) => void;
}

/** What came of one candidate. */
export interface CandidateLog {
  readonly candidate: Candidate;
  /** The bound by which it was put in order. Seconds. */
  readonly bound: number;
  /**
   * `solved`: to the gap, or to the proof that it holds nothing better than the best before it. `pruned-by-bound`: not
   * solved, since its bound is no better than the best. `time-limit`: left open, at `lowerBound`.
   */
  readonly outcome: 'solved' | 'pruned-by-bound' | 'infeasible' | 'time-limit' | 'failed';
  /** Of its best plan, where one was found. */
  readonly value: number | null;
  readonly lowerBound: number;
  readonly form: SolveResult['form'];
  readonly solverNodes: number;
  readonly seconds: number;
  readonly failure?: string;
}

export interface SearchResult {
  readonly status: SolveStatus;
  readonly candidate: Candidate | null;
  readonly assignment: Assignment | null;
  readonly evaluation: Evaluation | null;
  /** Infinity where no plan is known. */
  readonly value: number;
  /** Proved for every plan of every candidate. Infinity where there is none. */
  readonly lowerBound: number;
  /** (value − lower bound) / value; 0 where nothing is left to gain, 1 where no plan is known. */
  readonly relativeGap: number;
  /** One entry a candidate, in the order in which they were settled. */
  readonly log: readonly CandidateLog[];
  readonly seconds: number;
}

interface Open {
  readonly candidate: Candidate;
  readonly problem: Problem | null;
  readonly bound: number;
}

interface Best {
  readonly candidate: Candidate;
  readonly assignment: Assignment;
  readonly evaluation: Evaluation;
}

/**
 * The paper's Unified Optimization Process: the best plan over all candidates. They are taken in order of their lower
 * bounds, the best value so far is the cutoff of every solve, and the first bound that is no better ends the search.
 * Candidates are solved one after another and, of equal bounds, in the order given, so that the same input gives the
 * same plan whatever the machine is doing.
 *
 * @throws {InternalError} where the checker rejects a plan
 */
export async function search(space: SearchSpace, options: SearchOptions): Promise<SearchResult> {
  const started = performance.now();
  const log: CandidateLog[] = [];
  const record = (entry: CandidateLog): void => {
    log.push(entry);
    options.onProgress?.(entry);
  };
  let best: Best | null = null;
  for (const open of inOrderOfBounds(space)) {
    const incumbent = best?.evaluation.value ?? Infinity;
    // Half of the gap is for candidates that are not worth a solve, half for those that are solved.
    const relativeGap = options.relativeGap / 2;
    const cutoff = incumbent * (1 - relativeGap);
    const secondsLeft = options.timeLimitSeconds - (performance.now() - started) / 1000;
    const settled = settledUnsolved(open, { cutoff, stopped: secondsLeft <= 0 || options.signal?.aborted === true });
    if (settled !== null) {
      record(settled);
      continue;
    }
    invariant(open.problem, 'a candidate without tables has an infinite bound');
    const { solver, signal } = options;
    const result = await solver.solve(open.problem, { timeLimitSeconds: secondsLeft, relativeGap, cutoff }, signal);
    record(logOf(open, result, cutoff));
    if (result.assignment !== null && result.evaluation !== null && result.evaluation.value < incumbent) {
      best = { candidate: open.candidate, assignment: result.assignment, evaluation: result.evaluation };
    }
  }
  return { ...summary(best, log, options.relativeGap), seconds: (performance.now() - started) / 1000 };
}

function inOrderOfBounds(space: SearchSpace): Open[] {
  const open = space.candidates.map((candidate): Open => {
    const problem = space.problem(candidate);
    return { candidate, problem, bound: problem === null ? Infinity : candidateBound(problem, usableStates(problem)) };
  });
  return open.sort((a, b) => (a.bound === b.bound ? 0 : a.bound - b.bound));
}

/** The entry of a candidate that need not be solved, or that there is no time for; null for one to solve. */
function settledUnsolved(
  { candidate, bound }: Open,
  { cutoff, stopped }: { readonly cutoff: number; readonly stopped: boolean },
): CandidateLog | null {
  const unsolved = {
    candidate,
    bound,
    value: null,
    lowerBound: bound,
    form: 'none',
    solverNodes: 0,
    seconds: 0,
  } as const;
  if (bound === Infinity) {
    return { ...unsolved, outcome: 'infeasible' };
  }
  if (bound >= cutoff) {
    return { ...unsolved, outcome: 'pruned-by-bound' };
  }
  return stopped ? { ...unsolved, outcome: 'time-limit' } : null;
}

function logOf({ candidate, bound }: Open, result: SolveResult, cutoff: number): CandidateLog {
  const { form, solverNodes, seconds, evaluation, failure } = result;
  const lowerBound = Math.max(bound, result.lowerBound);
  const about = { candidate, bound, value: evaluation?.value ?? null, lowerBound, form, solverNodes, seconds };
  if (failure !== undefined) {
    return { ...about, outcome: 'failed', failure };
  }
  if (result.status === 'infeasible') {
    return { ...about, outcome: 'infeasible' };
  }
  return { ...about, outcome: result.status === 'optimal' || lowerBound >= cutoff ? 'solved' : 'time-limit' };
}

function summary(best: Best | null, log: readonly CandidateLog[], gapWanted: number): Omit<SearchResult, 'seconds'> {
  const value = best?.evaluation.value ?? Infinity;
  const lowerBound = Math.min(value, ...log.map((entry) => entry.lowerBound));
  const { candidate, assignment, evaluation } = best ?? { candidate: null, assignment: null, evaluation: null };
  const relativeGap =
    best === null ? (lowerBound === Infinity ? 0 : 1) : value === 0 ? 0 : (value - lowerBound) / value;
  return {
    status: statusOf(best, lowerBound, relativeGap <= gapWanted),
    candidate,
    assignment,
    evaluation,
    value,
    lowerBound,
    relativeGap,
    log,
  };
}

function statusOf(best: Best | null, lowerBound: number, withinGap: boolean): SolveStatus {
  if (best === null) {
    return lowerBound === Infinity ? 'infeasible' : 'unknown';
  }
  return withinGap ? 'optimal' : 'feasible';
}
