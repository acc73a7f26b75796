/** Plans a job anew where something is otherwise, in little time. */
import { UserError } from '../../api/errors.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import type { Solver } from '../../planner/solver/solver.ts';
import { bestPlan } from '../best-plan.ts';
import type { Site } from '../site.ts';
import { summarizePlan } from '../summary.ts';
import { priceOfPlan } from '../supplied-plan.ts';
import type { Change } from './change.ts';
import type { OtherPlan, Verdict } from './explanation.ts';

/** Near enough to compare by. */
export const RELATIVE_GAP = 0.005;

/** What the new plan is compared with, and what may be spent on it. */
export interface Comparison {
  readonly plan: ParallelPlanSpec;
  /** Of that plan. */
  readonly samplesPerSecond: number;
  readonly solver: Solver;
  readonly timeLimitSeconds: number;
}

/** @throws {InternalError} where planner and cost model disagree */
export async function resolve(change: Change, comparison: Comparison): Promise<Verdict> {
  const found = await planAnew(change, comparison);
  const kept = change.keepsPlan === true ? keptPlan(change.site, comparison) : null;
  if (kept === null || (found.kind === 'plan' && found.speed >= kept.speed)) return found;
  return { ...kept, speedLimit: found.kind === 'plan' ? found.speedLimit : Infinity };
}

async function planAnew({ site, lowerBound = 0 }: Change, comparison: Comparison): Promise<Verdict> {
  const { solver, timeLimitSeconds, samplesPerSecond } = comparison;
  const limits = { timeLimitSeconds, relativeGap: String(RELATIVE_GAP) };
  const unused = { review: false, profile: 'Never' } as const;
  const planning: TrainingJobSpec['planning'] = { ...unused, ...site.workload.planning, ...limits };
  const bound = lowerBound > 0 && {
    speedLimit: site.workload.training.globalBatchSize / lowerBound / samplesPerSecond,
  };
  try {
    const best = await bestPlan([site], planning, { solver, confirm: false });
    if (best.kind !== 'found') return { kind: 'does-not-fit' };
    const stepSeconds = Number(best.plan.predicted?.stepSeconds);
    const least = Math.max(lowerBound, Number(best.plan.proof?.lowerBound));
    return otherPlan(best.plan, { stepSeconds, least }, samplesPerSecond);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const outOfTime = error.field === 'spec.planning.timeLimitSeconds';
    return outOfTime ? { kind: 'unknown', ...bound } : { kind: 'impossible', reason: error.message };
  }
}

/** The plan as it is; null where it does not fit. */
function keptPlan(site: Site, { plan, samplesPerSecond }: Comparison): OtherPlan | null {
  const { fits, stepSeconds } = priceOfPlan(site, plan);
  const { globalBatchSize } = site.workload.training;
  return fits ? otherPlan({ ...plan, globalBatchSize }, { stepSeconds, least: 0 }, samplesPerSecond) : null;
}

function otherPlan(
  plan: ParallelPlanSpec,
  { stepSeconds, least }: { readonly stepSeconds: number; readonly least: number },
  samplesPerSecond: number,
): OtherPlan {
  const speed = (seconds: number): number => plan.globalBatchSize / seconds / samplesPerSecond;
  return {
    kind: 'plan',
    parallelism: summarizePlan(plan),
    microBatches: plan.microBatches,
    stepSeconds,
    speed: speed(stepSeconds),
    speedLimit: speed(least),
  };
}
