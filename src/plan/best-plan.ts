/** The best plan over all GPUs that a job could get: one search, in which each prunes the others. */
import { InternalError, invariant, UserError } from '../api/errors.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { tiedCandidates, tiedParts } from '../cost/agreements.ts';
import { candidatesOf } from '../cost/candidates.ts';
import { tablesFor } from '../cost/tables.ts';
import type { Candidate } from '../cost/workload.ts';
import type { Assignment } from '../planner/problem.ts';
import { search, type CandidateLog, type SearchResult } from '../planner/search.ts';
import { shortfall, type Shortfall } from '../planner/shortfall.ts';
import type { Solver } from '../planner/solver/solver.ts';
import type { Site } from './site.ts';
import { toPlan } from './to-plan.ts';

export interface SearchSettings {
  readonly solver: Solver;
  readonly signal?: AbortSignal;
  /** As of a search. */
  readonly confirm?: boolean;
  readonly onProgress?: (entry: CandidateLog<Candidate>) => void;
}

export type BestPlan =
  | {
      readonly kind: 'found';
      readonly site: Site;
      readonly plan: ParallelPlanSpec;
      readonly log: readonly CandidateLog<Candidate>[];
    }
  | { readonly kind: 'exceeds-memory'; readonly site: Site; readonly shortfall: Shortfall<Candidate> };

/**
 * @param sites - At least one, best allocation first: of equally fast plans the first wins.
 * @throws {UserError} where the job leaves no candidate, or no time to find a plan
 * @throws {InternalError} where planner and cost model disagree, or the solver broke down
 */
export async function bestPlan(
  sites: readonly Site[],
  planning: TrainingJobSpec['planning'],
  { solver, signal, confirm = true, onProgress }: SearchSettings,
): Promise<BestPlan> {
  const offers = new Map(
    sites.flatMap((site) => offersOf(site, candidatesOf(site.workload), tablesFor(site.workload))),
  );
  const offerOf = (candidate: Candidate) => {
    const offer = offers.get(candidate);
    invariant(offer, 'the search returned a candidate that it was not given');
    return offer;
  };
  const candidates = [...offers.keys()];
  const problem = (candidate: Candidate) => offerOf(candidate).tablesOf(candidate)?.problem ?? null;
  const parts = (candidate: Candidate, assignment: Assignment): readonly Candidate[] => {
    const { site, tablesOf } = offerOf(candidate);
    const layout = tablesOf(candidate)?.layoutOf(assignment);
    invariant(layout, 'a candidate with a plan has tables');
    const found = tiedParts(site.workload, candidate, layout);
    offersOf(site, found, tablesOf).forEach(([part, offer]) => offers.set(part, offer));
    return found;
  };
  const result = await search(
    { candidates, problem, parts },
    {
      solver,
      timeLimitSeconds: planning.timeLimitSeconds,
      relativeGap: Number(planning.relativeGap),
      confirm,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    },
  );
  signal?.throwIfAborted();
  if (result.candidate !== null) {
    const site = offerOf(result.candidate).site;
    return { kind: 'found', site, plan: toPlan(site, result), log: result.log };
  }
  if (result.status !== 'infeasible') throw withoutAnswer(result, planning.timeLimitSeconds);
  const tied = candidates.flatMap((candidate) => {
    const { site, tablesOf } = offerOf(candidate);
    return offersOf(site, tiedCandidates(site.workload, candidate), tablesOf);
  });
  tied.forEach(([part, offer]) => offers.set(part, offer));
  const least = shortfall(
    tied.map(([part]) => part),
    problem,
  );
  invariant(least, 'no candidate has any plan, however much memory there were');
  return { kind: 'exceeds-memory', site: offerOf(least.candidate).site, shortfall: least };
}

/** Where a candidate is from. */
interface Offer {
  readonly site: Site;
  readonly tablesOf: ReturnType<typeof tablesFor>;
}

function offersOf(
  site: Site,
  candidates: readonly Candidate[],
  tablesOf: Offer['tablesOf'],
): readonly (readonly [Candidate, Offer])[] {
  return candidates.map((candidate) => [candidate, { site, tablesOf }]);
}

function withoutAnswer({ log }: SearchResult, timeLimitSeconds: number): Error {
  const failure = log.find(({ outcome }) => outcome === 'failed')?.failure;
  if (failure !== undefined) return new InternalError(`the solver broke down: ${failure}`);
  return new UserError({
    field: 'spec.planning.timeLimitSeconds',
    problem: `no plan was found in ${timeLimitSeconds} s, and none was proved impossible`,
    remedy: 'allow more time',
  });
}
