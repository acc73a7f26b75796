/** The ParallelPlan object in which a job's plan is kept. */
import { API_VERSION } from '../api/group.ts';
import type { ParallelPlan, ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { Job } from './gang.ts';
import { ownerReference, planLabels } from './metadata.ts';
import { planName } from './names.ts';

/** @param revision - Counts the plans of the job from 1. */
export function buildParallelPlan(job: Job, revision: number, plan: ParallelPlanSpec): ParallelPlan {
  return {
    apiVersion: API_VERSION,
    kind: 'ParallelPlan',
    metadata: {
      name: planName(job.name, revision),
      namespace: job.namespace,
      labels: planLabels(job, revision),
      ownerReferences: [ownerReference(job)],
    },
    spec: { ...plan, jobName: job.name, revision },
  };
}
