/** Why a plan is as it is: what limits it, and what would be planned if something were otherwise. */

export interface Explanation {
  /** What limits the plan, a sentence each. */
  readonly limits: readonly string[];
  /** Other hardware or another batch. */
  readonly whatIfs: readonly Alternative[];
  /** The best plans of other pairs of pipeline stages and micro-batches, by their lower bounds, the nearest first. */
  readonly runnersUp: readonly Alternative[];
  /** Fewer ways to split the work: the paper's ablations (arXiv 2307.16375, section 4.3) and the usual families of plans. */
  readonly ablations: readonly Alternative[];
}

/** What was planned where something is otherwise than in the job. */
export interface Alternative {
  /** What is otherwise, for people: `4 GiB more on each GPU`. */
  readonly title: string;
  readonly verdict: Verdict;
}

export type Verdict =
  | OtherPlan
  /** No plan fits into memory. */
  | { readonly kind: 'does-not-fit' }
  /** There is nothing to plan: a degree divides nothing, say. */
  | { readonly kind: 'impossible'; readonly reason: string }
  /** Its time was over before there was a plan. A speed limit, as of a plan, may be proved all the same. */
  | { readonly kind: 'unknown'; readonly speedLimit?: number };

export interface OtherPlan {
  readonly kind: 'plan';
  /** The plan in a few words. */
  readonly parallelism: string;
  readonly microBatches: number;
  readonly stepSeconds: number;
  /** Samples that it trains in the time in which the plan explained trains one. */
  readonly speed: number;
  /** Proved: no plan trains more samples than this in that time. */
  readonly speedLimit: number;
}
