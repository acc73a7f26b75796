/** The operator's objects in the words of the builders of `src/plan`. */
import { invariant } from '../../../api/errors.ts';
import type { ParallelPlanSpec } from '../../../api/parallel-plan.ts';
import type { Gang, Job } from '../../../plan/gang.ts';
import type { TrainingJob } from '../../kubernetes/custom-resources.ts';

export function planJobOf({ metadata, spec }: TrainingJob): Job {
  return { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, spec };
}

/** @param plan - A ParallelPlan, stored or about to be. */
export function gangOf(
  job: TrainingJob,
  plan: { readonly metadata: { readonly name?: string }; readonly spec: ParallelPlanSpec },
  attempt: number,
): Gang {
  const { name: planName } = plan.metadata;
  const { revision } = plan.spec;
  invariant(planName !== undefined && revision !== undefined, 'a plan that a job owns has a name and a revision');
  return { job: planJobOf(job), plan: plan.spec, planName, revision, attempt };
}
