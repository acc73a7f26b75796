/** What came of planning a job. */
import type { UserError } from '../api/errors.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { ExcludedNode } from '../cluster/topology.ts';
import type { Candidate } from '../cost/workload.ts';
import type { CandidateLog } from '../planner/search.ts';
import type { Site } from './site.ts';

export type PlanOutcome = Planned | Waiting | DoesNotFit | Refused;

export interface Planned {
  readonly kind: 'planned';
  /** Complete: with nodes, predictions and, unless a user supplied the plan, its proof. */
  readonly plan: ParallelPlanSpec;
  /** The GPUs that the plan is for. */
  readonly site: Site;
  /** What became of each candidate of the search, in the order in which they were settled; empty for a supplied plan. */
  readonly log: readonly CandidateLog<Candidate>[];
  /** Nodes that were left out, and why. */
  readonly excluded: readonly ExcludedNode[];
}

/** There are too few free GPUs now. Worth another try when nodes or pods change. */
interface Waiting {
  readonly kind: 'waiting';
  readonly message: string;
}

/** No plan fits into memory, whatever is free. Worth another try when the job or the kinds of node change. */
export interface DoesNotFit {
  readonly kind: 'does-not-fit';
  /** All of the below, for people. */
  readonly message: string;
  /** By how many bytes a GPU of {@link stage} exceeds its limit under the plan that exceeds it least. */
  readonly bytes: number;
  readonly stage: number;
  /** Changes that would each make a plan fit, the smallest first; empty where none was found. */
  readonly remedies: readonly string[];
}

/** The job, its model or its own plan asks for what cannot be. Worth another try when they change. */
interface Refused {
  readonly kind: 'refused';
  readonly error: UserError;
}
