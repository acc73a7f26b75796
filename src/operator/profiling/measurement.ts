/** What is to be measured, where, and for whom. */
import { invariant } from '../../api/errors.ts';
import type { ParallelPlanSpec, PlannedNode } from '../../api/parallel-plan.ts';
import type { Job, Placement } from '../../plan/gang.ts';
import { shortDigest } from '../../plan/names.ts';
import type { Measured } from '../planning/result.ts';

export interface Measurement {
  /** Equal for equal measurements on the same nodes: what pods that measure carry as a label. */
  readonly id: string;
  readonly job: Job;
  readonly nodes: readonly PlannedNode[];
  readonly plan: Placement['plan'];
  readonly subject: Measured['subject'];
  /** Why it is measured, for people. */
  readonly missing: readonly string[];
}

/** What is missing of a plan's figures, on the nodes of that plan. */
export function measurementOf(job: Job, plan: ParallelPlanSpec, { subject, missing }: Measured): Measurement {
  const { gpus, nodes, gpuResource, rdma } = plan;
  invariant(nodes, 'a plan that was found names its nodes');
  const { model, training, template } = job.spec;
  const id = shortDigest([subject, nodes, model, training, template.image]);
  return { id, job, nodes, plan: { gpus, nodes, gpuResource, ...(rdma && { rdma }) }, subject, missing };
}
