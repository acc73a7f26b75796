import { candidateBound } from './candidate-bound.ts';
import { confirm } from './confirm.ts';
import type { Assignment, Evaluation, Problem, SolveResult, SolveStatus } from './problem.ts';
import type { Solver } from './solver/solver.ts';
import { usableStates } from './states.ts';

/** One choice of the outer loop; what else a candidate is, whoever makes its tables knows. */
export interface Candidate {
  /** pp. */
  readonly stages: number;
  /** c. */
  readonly microBatches: number;
}

export interface SearchSpace<C extends Candidate = Candidate> {
  readonly candidates: readonly C[];
  /** The candidate's tables; null where the candidate cannot be. Asked for once. */
  problem(candidate: C): Problem | null;
  /**
   * Where the tables allow plans that do not count: the candidates that a candidate falls into, which together have all of its
   * plans that do. Asked for with a plan of it; none where that plan counts. By default all do.
   */
  parts?(candidate: C, assignment: Assignment): readonly C[];
}

export interface SearchOptions<C extends Candidate = Candidate> {
  readonly solver: Solver;
  /** For the whole search. */
  readonly timeLimitSeconds: number;
  /** (value − lower bound) / value at which the best plan counts as optimal. */
  readonly relativeGap: number;
  /** Whether HiGHS is to prove the outcome anew at the end; it is, unless said otherwise. */
  readonly confirm?: boolean;
  /** What that may take: all candidates together, and one. 6 s and 2 s, unless said otherwise. */
  readonly confirmationSeconds?: { readonly all: number; readonly each: number };
  /** Ends the search with the best plan so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (entry: CandidateLog<C>) => void;
}

/** What came of one candidate. */
export interface CandidateLog<C extends Candidate = Candidate> {
  readonly candidate: C;
  /** The bound from its tables, by which it was first put in order. Seconds. */
  readonly bound: number;
  /**
   * `solved`: to its best plan, or to the proof that it has none as good as the best. `pruned-by-bound`: never looked
   * at, since its bound is no better than the best. `time-limit`: left open at `lowerBound`. `failed`: likewise.
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

export interface SearchResult<C extends Candidate = Candidate> {
  readonly status: SolveStatus;
  readonly candidate: C | null;
  readonly assignment: Assignment | null;
  readonly evaluation: Evaluation | null;
  /** Infinity where no plan is known. */
  readonly value: number;
  /** Proved for every plan of every candidate. Infinity where there is none. */
  readonly lowerBound: number;
  /** (value − lower bound) / value; 0 where nothing is left to gain, 1 where no plan is known. */
  readonly relativeGap: number;
  /** One entry a candidate, in the order in which they were settled; of one that fell into parts, one for each of these. */
  readonly log: readonly CandidateLog<C>[];
  /** Of the candidates that were solved, those of which HiGHS proved in the end that they have no better plan. */
  readonly confirmed: number;
  readonly seconds: number;
}

/**
 * How far above its bound a candidate is searched at a time, as a share of it. The solver proves more in one go. Parts begin with the
 * bound of the whole, which is close to their best, and each of them is one of many.
 */
const STRIDE = { none: 0.04, 'stage-wise': 0.04, grouped: 0.16, path: 0.16, part: 0.005 } as const;

const CONFIRMATION_SECONDS = { all: 6, each: 2 } as const;

const WITHOUT_PLAN = { assignment: null, evaluation: null } as const;

/** A candidate that may still have the best plan. */
interface Open<C extends Candidate> {
  readonly problem: Problem;
  /** What is known of it so far. */
  readonly entry: CandidateLog<C>;
  /** The bound of the candidate that it is a part of; 0 where it is whole. */
  readonly wholeBound: number;
}

interface Best<C extends Candidate> {
  readonly candidate: C;
  readonly assignment: Assignment;
  readonly evaluation: Evaluation;
}

/**
 * The paper's Unified Optimization Process: the best plan over all candidates. The candidate with the least lower bound
 * is searched next, a stride above its bound, which yields its best plan or a higher bound; so no candidate is searched
 * much beyond the optimum of all. Where its best plan does not count, the candidate's parts take its place, no part being better.
 * What cannot be better than the best plan so far is ruled out. Candidates are taken one at a time, of equal bounds in the
 * order given: the same input gives the same plan, whatever else the machine does.
 *
 * @throws {InternalError} where the checker rejects a plan
 */
export async function search<C extends Candidate>(
  space: SearchSpace<C>,
  options: SearchOptions<C>,
): Promise<SearchResult<C>> {
  return new Search<C>(space, options).run();
}

class Search<C extends Candidate> {
  readonly #space: SearchSpace<C>;
  readonly #options: SearchOptions<C>;
  readonly #started = performance.now();
  readonly #log: CandidateLog<C>[] = [];
  #open: Open<C>[] = [];
  #solved: Pick<Open<C>, 'problem' | 'entry'>[] = [];
  #best: Best<C> | null = null;

  constructor(space: SearchSpace<C>, options: SearchOptions<C>) {
    this.#space = space;
    this.#options = options;
  }

  async run(): Promise<SearchResult<C>> {
    this.#open = this.#space.candidates.flatMap((candidate) => this.#opened(candidate));
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      await this.#advance(next);
    }
    const confirmed = await this.#confirm();
    return { ...this.#summary(), confirmed, seconds: this.#seconds() };
  }

  /** The candidate of the best plan first. */
  async #confirm(): Promise<number> {
    const best = this.#best?.candidate;
    if (best === undefined || this.#options.confirm === false) {
      return 0;
    }
    const { solver, timeLimitSeconds, confirmationSeconds = CONFIRMATION_SECONDS, signal } = this.#options;
    const order = this.#solved.toSorted(
      (a, b) => Number(b.entry.candidate === best) - Number(a.entry.candidate === best),
    );
    const problems = order.map(({ problem }) => problem);
    return confirm(problems, this.#cutoff, {
      solver,
      timeLimitSeconds: Math.min(confirmationSeconds.all, timeLimitSeconds - this.#seconds()),
      secondsEach: confirmationSeconds.each,
      relativeGap: this.#gap,
      signal,
    });
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Half of the gap is for what is ruled out, half for what is solved. */
  get #gap(): number {
    return this.#options.relativeGap / 2;
  }

  /** A plan is of use below this. */
  get #cutoff(): number {
    return (this.#best?.evaluation.value ?? Infinity) * (1 - this.#gap);
  }

  #settle(entry: CandidateLog<C>): void {
    this.#log.push(entry);
    this.#options.onProgress?.(entry);
  }

  /** Settles a candidate that was open; one that was searched is to be confirmed. */
  #close(problem: Problem, entry: CandidateLog<C>): void {
    this.#settle(entry);
    if (entry.outcome === 'solved') {
      this.#solved.push({ problem, entry });
    }
  }

  #opened(candidate: C, wholeBound = 0): Open<C>[] {
    const problem = this.#space.problem(candidate);
    const bound = problem === null ? Infinity : candidateBound(problem, usableStates(problem));
    const lowerBound = Math.max(bound, wholeBound);
    const about = { value: null, lowerBound, form: 'none', solverNodes: 0, seconds: 0 } as const;
    if (problem === null || bound === Infinity) {
      this.#settle({ candidate, bound, outcome: 'infeasible', ...about });
      return [];
    }
    return [{ problem, wholeBound, entry: { candidate, bound, outcome: 'pruned-by-bound', ...about } }];
  }

  /** The open candidate with the least bound. Ends the search when that, or the time that is left, is of no use. */
  #take(): Open<C> | undefined {
    const [first, ...others] = this.#open;
    if (first === undefined) {
      return undefined;
    }
    const least = others.reduce((a, b) => (b.entry.lowerBound < a.entry.lowerBound ? b : a), first);
    const outOfTime = this.#seconds() >= this.#options.timeLimitSeconds || this.#options.signal?.aborted === true;
    if (outOfTime || least.entry.lowerBound >= this.#cutoff) {
      for (const { problem, entry } of this.#open.toSorted((a, b) => a.entry.lowerBound - b.entry.lowerBound)) {
        this.#close(problem, { ...entry, outcome: this.#outcomeOf(entry) });
      }
      this.#open = [];
      return undefined;
    }
    this.#open = this.#open.filter((open) => open !== least);
    return least;
  }

  /** Of a candidate that is not searched further; where not its own first bound rules it out, a search has done so. */
  #outcomeOf({ bound, lowerBound }: CandidateLog<C>): CandidateLog<C>['outcome'] {
    if (lowerBound < this.#cutoff) {
      return 'time-limit';
    }
    return bound < this.#cutoff ? 'solved' : 'pruned-by-bound';
  }

  /** Searches a candidate a stride further, and settles it, puts it back, or puts its parts in its place. */
  async #advance(open: Open<C>): Promise<void> {
    const { problem, entry } = open;
    const upTo = this.#reachOf(open);
    const result = await this.#solve(open, upTo);
    const parts = this.#partsOf(entry.candidate, result);
    const plan = parts.length === 0 ? result : WITHOUT_PLAN;
    const updated = this.#updated(entry, { ...result, ...plan });
    this.#keepBest(entry.candidate, plan);
    if (parts.length > 0 && (result.status === 'optimal' || this.#best === null)) {
      this.#open.push(...parts.flatMap((part) => this.#opened(part, updated.lowerBound)));
    } else if (this.#isDone(updated, result)) {
      this.#close(problem, updated);
    } else if (updated.lowerBound >= upTo) {
      this.#open.push({ ...open, entry: updated });
    } else {
      this.#settle({ ...updated, outcome: 'time-limit' });
    }
  }

  /** How far up a candidate is searched next: as far as is of use, where nothing else is open. Seconds. */
  #reachOf({ entry: { lowerBound, form }, wholeBound }: Open<C>): number {
    if (this.#open.length === 0 || lowerBound === 0) {
      return this.#cutoff;
    }
    const stride = STRIDE[lowerBound === wholeBound ? 'part' : form];
    return Math.min(this.#cutoff, lowerBound * (1 + stride));
  }

  #solve({ problem, entry }: Open<C>, upTo: number): Promise<SolveResult> {
    const { solver, timeLimitSeconds, signal } = this.#options;
    const limits = {
      timeLimitSeconds: timeLimitSeconds - this.#seconds(),
      relativeGap: this.#gap,
      cutoff: this.#cutoff,
      lowerBound: entry.lowerBound,
      upTo,
      fits: entry.form !== 'none',
    };
    return solver.solve(problem, limits, signal);
  }

  /** Whether nothing of use is left to find of a candidate, or no way to find it. */
  #isDone({ outcome, lowerBound }: CandidateLog<C>, { status }: SolveResult): boolean {
    return status === 'optimal' || lowerBound >= this.#cutoff || outcome === 'infeasible' || outcome === 'failed';
  }

  #partsOf(candidate: C, { assignment }: SolveResult): readonly C[] {
    return assignment === null ? [] : (this.#space.parts?.(candidate, assignment) ?? []);
  }

  #keepBest(candidate: C, { assignment, evaluation }: Pick<SolveResult, 'assignment' | 'evaluation'>): void {
    if (assignment !== null && evaluation !== null && evaluation.value < (this.#best?.evaluation.value ?? Infinity)) {
      this.#best = { candidate, assignment, evaluation };
    }
  }

  #updated(entry: CandidateLog<C>, result: SolveResult): CandidateLog<C> {
    const about = {
      candidate: entry.candidate,
      bound: entry.bound,
      value: result.evaluation?.value ?? entry.value,
      lowerBound: Math.max(entry.lowerBound, result.lowerBound),
      form: result.form,
      solverNodes: entry.solverNodes + result.solverNodes,
      seconds: entry.seconds + result.seconds,
    };
    // A solve that was ended from outside has not broken down.
    if (result.failure !== undefined && this.#options.signal?.aborted !== true) {
      return { ...about, outcome: 'failed', failure: result.failure };
    }
    return { ...about, outcome: result.status === 'infeasible' ? 'infeasible' : 'solved' };
  }

  #summary(): Omit<SearchResult<C>, 'confirmed' | 'seconds'> {
    const best = this.#best;
    const value = best?.evaluation.value ?? Infinity;
    const lowerBound = Math.min(value, ...this.#log.map((entry) => entry.lowerBound));
    const relativeGap = gapOf(value, lowerBound);
    const status = statusOf(best, lowerBound, relativeGap <= this.#options.relativeGap);
    const { candidate, assignment, evaluation } = best ?? { candidate: null, assignment: null, evaluation: null };
    return { status, candidate, assignment, evaluation, value, lowerBound, relativeGap, log: this.#log };
  }
}

function gapOf(value: number, lowerBound: number): number {
  if (value === lowerBound) {
    return 0;
  }
  return value === Infinity ? 1 : (value - lowerBound) / value;
}

function statusOf(best: Best<Candidate> | null, lowerBound: number, withinGap: boolean): SolveStatus {
  if (best === null) {
    return lowerBound === Infinity ? 'infeasible' : 'unknown';
  }
  return withinGap ? 'optimal' : 'feasible';
}
