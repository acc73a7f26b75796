/** A planner's thread. It answers in plain data: errors lose what they carry on the way between threads. */
import { planJob } from '../../plan/plan-job.ts';
import type { PlanOutcome } from '../../plan/plan-outcome.ts';
import { modelDigest, placeOf, type ProfileChoice } from '../../plan/profile-library.ts';
import type { Site } from '../../plan/site.ts';
import { createSolver } from '../../planner/solver/solver.ts';
import type { PlanningTask } from './planner.ts';
import type { Measured, PlanningResult } from './result.ts';

const solver = createSolver();

export default async function plan(task: PlanningTask): Promise<PlanningResult> {
  return resultOf(await planJob({ ...task, solver }), task.suppliedPlan !== undefined);
}

function resultOf(outcome: PlanOutcome, isSupplied: boolean): PlanningResult {
  switch (outcome.kind) {
    case 'planned': {
      const { plan, site } = outcome;
      return { kind: 'planned', plan, ...(site.choice && { measured: measuredOf(site, site.choice) }) };
    }
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

function measuredOf(site: Site, { names, missing }: ProfileChoice): Measured {
  const { model, hardware } = site.workload;
  const { drivers = [] } = site.allocation;
  const subject = { ...placeOf({ ...site, hardware }), modelDigest: modelDigest(model), drivers };
  return { names, missing, subject };
}
