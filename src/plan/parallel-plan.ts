/** The ParallelPlan object in which a job's plan is kept. */
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { API_VERSION } from '../api/group.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { Job } from './gang.ts';
import { ownerReference, planLabels } from './metadata.ts';
import { planName } from './names.ts';

export interface ParallelPlanObject {
  readonly apiVersion: string;
  readonly kind: 'ParallelPlan';
  readonly metadata: V1ObjectMeta;
  readonly spec: ParallelPlanSpec;
}

/** @param revision - Counts the plans of the job from 1. */
export function buildParallelPlan(job: Job, revision: number, plan: ParallelPlanSpec): ParallelPlanObject {
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
