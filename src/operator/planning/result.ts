/** What came of planning a job, in the operator's words. */
import type { ConditionReason } from '../../api/conditions.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { MeasuredPlace, ProfileChoice } from '../../plan/profile-library.ts';

/** What there was measured of what a plan is for. */
export interface Measured extends Pick<ProfileChoice, 'names' | 'missing'> {
  /** What a measurement would be of. */
  readonly subject: MeasuredPlace & { readonly modelDigest: string; readonly drivers: readonly string[] };
}

export type PlanningResult =
  | {
      readonly kind: 'planned';
      readonly plan: ParallelPlanSpec;
      /** Absent where profiles do not count. */
      readonly measured?: Measured;
    }
  | { readonly kind: 'unplanned'; readonly reason: ConditionReason<'Planned'>; readonly message: string };
