import { ANNOTATION } from '../../../api/group.ts';
import { buildConfigMap } from '../../../plan/config-map.ts';
import { buildParallelPlan } from '../../../plan/parallel-plan.ts';
import type { PlanningResult } from '../../planning/result.ts';
import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { plannedReport } from '../report-plan.ts';
import { gangOf, planJobOf } from './gang-of.ts';
import { profilingFailure, withoutProfilingPods } from './profiling.ts';

/**
 * Keeps a plan in an object of its own, with what it was made for, and for its pods in a ConfigMap. The job is looked at
 * again when the plan is stored; from then on it, and no memory of ours, says what is to run.
 */
export function recordPlan(
  facts: Facts,
  { plan, measured }: Extract<PlanningResult, { kind: 'planned' }>,
  config: Readonly<Record<string, unknown>> | null,
): Verdict {
  const { job, digest, nextRevision: revision, attempt } = facts;
  const object = buildParallelPlan(planJobOf(job), revision, plan);
  const { model, hardware } = measured?.names ?? {};
  const unmeasured = measured?.missing.length === 0 ? undefined : profilingFailure(facts);
  const annotations = {
    [ANNOTATION.plannedFrom]: digest,
    ...(model !== undefined && { [ANNOTATION.modelProfile]: model }),
    ...(hardware !== undefined && { [ANNOTATION.hardwareProfile]: hardware }),
    ...(unmeasured !== undefined && { [ANNOTATION.unmeasured]: unmeasured }),
  };
  const annotated = { ...object, metadata: Object.assign({}, object.metadata, { annotations }) };
  return {
    // A plan of before, if there is one, reports itself until this one is stored.
    reports: [plannedReport(annotated, job.spec.planning.relativeGap)],
    apply: [buildConfigMap(gangOf(job, object, attempt), config), annotated],
    delete: withoutProfilingPods(facts),
    planning: 'discard',
  };
}
