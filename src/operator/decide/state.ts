/** Everything that a decision depends on, as plain data: what `observe` gathers and `decide` reads. */
import type { ParallelPlan, TrainingJob } from '../kubernetes/custom-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { PlanningResult } from '../planning/result.ts';

/** What the planner is doing for the job as it is written now, or has done. */
export type PlanningState = { readonly kind: 'idle' } | { readonly kind: 'solving' } | PlanningResult;

export type JobInputs =
  | { readonly kind: 'ready'; readonly config: Readonly<Record<string, unknown>> | null }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

export interface JobState {
  readonly job: TrainingJob;
  /** Digest of what a plan depends on in the job as it is written now. */
  readonly digest: string;
  /** Plans that the job owns, by revision. */
  readonly plans: readonly ParallelPlan[];
  /** The first revision whose name is free. */
  readonly nextRevision: number;
  /** The model's config.json, null where the job gives layers; or what is wrong with the objects that the job names. */
  readonly inputs: JobInputs;
  /** Whether the objects that pods need beside the plan are there. */
  readonly present: { readonly service: boolean; readonly configMap: boolean };
  /** Pods that the job owns, of whatever attempt. */
  readonly pods: readonly Pod[];
  readonly planning: PlanningState;
  /** Why nodes of the plan that would run next cannot be used now, for people; empty where all can. */
  readonly obstacles: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}
