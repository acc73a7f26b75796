import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { Price } from '../../cost/price.ts';
import type { Candidate } from '../../cost/workload.ts';
import type { CandidateLog } from '../../planner/search.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Site } from '../site.ts';

/** What a report is about. */
export interface Subject {
  /** Of the job. */
  readonly name: string;
  readonly plan: ParallelPlanSpec;
  readonly site: Site;
  /** Of the plan on the site. */
  readonly price: Price;
  /** Of the search; empty where none is at hand. */
  readonly log: readonly CandidateLog<Candidate>[];
  /** null where nothing was planned anew to explain the plan. */
  readonly explanation: Explanation | null;
}
