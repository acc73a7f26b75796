/** What came of planning a job, in the operator's words. */
import type { ConditionReason } from '../../api/conditions.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';

export type PlanningResult =
  | { readonly kind: 'planned'; readonly plan: ParallelPlanSpec }
  | { readonly kind: 'unplanned'; readonly reason: ConditionReason<'Planned'>; readonly message: string };
