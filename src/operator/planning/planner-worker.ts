/** A planner's thread. It answers in plain data: errors lose what they carry on the way between threads. */
import { planJob } from '../../plan/plan-job.ts';
import type { PlanOutcome } from '../../plan/plan-outcome.ts';
import { createSolver } from '../../planner/solver/solver.ts';
import type { PlanningTask } from './planner.ts';
import type { PlanningResult } from './result.ts';

const solver = createSolver();

export default async function plan(task: PlanningTask): Promise<PlanningResult> {
  return resultOf(await planJob({ ...task, solver }), task.suppliedPlan !== undefined);
}

function resultOf(outcome: PlanOutcome, isSupplied: boolean): PlanningResult {
  switch (outcome.kind) {
    case 'planned':
      return { kind: 'planned', plan: outcome.plan };
    case 'waiting':
      return { kind: 'unplanned', reason: 'NotEnoughGPUs', message: outcome.message };
    case 'does-not-fit':
      return { kind: 'unplanned', reason: 'NoPlanFits', message: outcome.message };
    case 'refused': {
      const reason = isSupplied ? 'PlanRefused' : 'InvalidJob';
      return { kind: 'unplanned', reason, message: outcome.error.message };
    }
  }
}
