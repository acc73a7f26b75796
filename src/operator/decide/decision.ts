/** What a reconcile is to do, as plain data: what `decide` returns and `apply` carries out. */
import type { ConditionReason, ConditionType } from '../../api/conditions.ts';
import type { TrainingJobStatus } from '../../api/training-job-status.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { DesiredObject, ObjectReference } from '../kubernetes/objects.ts';

/** A condition to be reported; its reason says whether it is true. */
export type Report = {
  [T in ConditionType]: { readonly type: T; readonly reason: ConditionReason<T>; readonly message: string };
}[ConditionType];

/** What the planner is to do: `start` unless it is at it, `discard` what it found because it is recorded or not wanted. */
export type PlanningOrder = 'start' | 'discard';

/** A policy's decision. What it leaves out stays as it is. */
export interface Verdict {
  readonly reports?: readonly Report[];
  /** Fields of the status besides conditions; undefined removes one. */
  readonly status?: { readonly [F in keyof TrainingJobStatus]?: TrainingJobStatus[F] | undefined };
  readonly apply?: readonly DesiredObject[];
  readonly delete?: readonly ObjectReference[];
  readonly planning?: PlanningOrder;
  /** The pod that is to be asked for what it has measured; what another has said is forgotten. */
  readonly readProfileFrom?: Pod | undefined;
  /** The job is looked at again after this long even if nothing changes. */
  readonly requeueAfterSeconds?: number;
}

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** In this order: apply, delete, keep, write the status if it differs, and only then the events. */
export interface Decision {
  readonly apply: readonly DesiredObject[];
  readonly delete: readonly ObjectReference[];
  readonly planning: PlanningOrder | undefined;
  readonly readProfileFrom: Pod | undefined;
  /** What is learnt for plans of other jobs. The job goes on whether it can be kept or not. */
  readonly keep: DesiredObject | undefined;
  /** The whole status; undefined where it is to stay as it is. */
  readonly status: TrainingJobStatus | undefined;
  readonly events: readonly EventNote[];
  readonly requeueAfterSeconds: number | undefined;
}
