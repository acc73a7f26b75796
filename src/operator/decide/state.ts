/** Everything that a decision depends on, as plain data: what `observe` gathers and `decide` reads. */
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { ModelProfile, ParallelPlan, TrainingJob } from '../kubernetes/custom-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { Figures } from '../figures/figures.ts';
import type { ProfileReading } from '../profiling/profile-reader.ts';
import type { PlanningResult } from '../planning/result.ts';

/** What the planner is doing for the job as it is written now, or has done. */
export type PlanningState = { readonly kind: 'idle' } | { readonly kind: 'solving' } | PlanningResult;

/** What a job names besides itself, as it is now. */
export interface ReadyInputs {
  readonly kind: 'ready';
  /** The model's config.json; null where the job gives layers. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** The plan that `planning.planName` names, where it names one. */
  readonly suppliedPlan?: ParallelPlanSpec;
  /** How many times as much memory as estimated a plan is to allow for, where the job has learnt that. */
  readonly memoryFactor?: number;
}

export type JobInputs =
  | ReadyInputs
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

export interface JobState {
  readonly job: TrainingJob;
  /** Digest of what a plan depends on: the job and what it names, as they are now. */
  readonly digest: string;
  /** Plans that the job owns, by revision. */
  readonly plans: readonly ParallelPlan[];
  /** The first revision whose name is free. */
  readonly nextRevision: number;
  /** The objects that the job names, or what is wrong with them. */
  readonly inputs: JobInputs;
  /** Whether the objects that pods need beside the plan are there. */
  readonly present: { readonly service: boolean; readonly configMap: boolean };
  /** Pods that the job owns and that train, of whatever attempt. */
  readonly pods: readonly Pod[];
  /** Pods that the job owns and that measure. */
  readonly profilingPods: readonly Pod[];
  /** What the first of these has said, once it was asked. */
  readonly profileReading: ProfileReading | undefined;
  /** Nodes of these pods that do not answer: nobody knows whether pods on them still run. */
  readonly silentNodes: readonly string[];
  readonly planning: PlanningState;
  /** Why nodes of the plan that would run next cannot be used now, for people; empty where all can. */
  readonly obstacles: readonly string[];
  /** ModelProfiles of the job's namespace. */
  readonly modelProfiles: readonly ModelProfile[];
  /** What the pods say of their steps, while they run and do. */
  readonly figures: Figures | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}
