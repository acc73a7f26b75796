/** A planner's thread. It answers in plain data: errors lose what they carry on the way between threads. */
import { planJob } from '../../plan/plan-job.ts';
import type { PlanOutcome } from '../../plan/plan-outcome.ts';
import { modelDigest, placeOf, type ProfileChoice } from '../../plan/profile-library.ts';
import type { Site } from '../../plan/site.ts';
import { createSolver } from '../../planner/solver/solver.ts';
import { profilingProgram } from '../profiling/program.ts';
import type { PlanningTask } from './planner.ts';
import type { Measured, PlanningResult } from './result.ts';

const solver = createSolver();

export default async function plan(task: PlanningTask): Promise<PlanningResult> {
  return resultOf(await planJob({ ...task, solver }), task);
}

function resultOf(outcome: PlanOutcome, task: PlanningTask): PlanningResult {
  switch (outcome.kind) {
    case 'planned': {
      const { plan, site } = outcome;
      const measured = site.choice && measuredOf(site, site.choice);
      return unmeasurable(task, measured) ?? { kind: 'planned', plan, ...(measured && { measured }) };
    }
    case 'waiting':
      return { kind: 'unplanned', reason: 'NotEnoughGPUs', message: outcome.message };
    case 'does-not-fit':
      return { kind: 'unplanned', reason: 'NoPlanFits', message: outcome.message };
    case 'refused': {
      const reason = task.suppliedPlan === undefined ? 'InvalidJob' : 'PlanRefused';
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

/** Where there is to be no plan without measurement, and nothing can measure. */
function unmeasurable(
  { spec, suppliedPlan }: PlanningTask,
  measured: Measured | undefined,
): PlanningResult | undefined {
  const { missing = [] } = measured ?? {};
  if (spec.planning.profile !== 'Required' || missing.length === 0 || suppliedPlan !== undefined) return undefined;
  if (profilingProgram(spec.template) !== undefined) return undefined;
  const message =
    `${missing.join(' and ')}, and only a container whose command is uniap-runtime can be measured; ` +
    'apply profiles, or set spec.planning.profile to Auto';
  return { kind: 'unplanned', reason: 'ProfilingFailed', message };
}
