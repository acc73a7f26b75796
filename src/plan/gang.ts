/** What the builders of this folder are given: a job, the plan that it runs by, and which start of its pods this is. */
import { invariant } from '../api/errors.ts';
import type { ParallelPlanSpec, PlannedNode } from '../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';

/** A TrainingJob as far as its objects depend on it. */
export interface Job {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly spec: TrainingJobSpec;
}

/** What pods of a job are placed by, whatever they do. */
export interface Placement {
  readonly job: Job;
  readonly plan: Pick<ParallelPlanSpec, 'gpus' | 'nodes' | 'gpuResource' | 'rdma'>;
  /** Name of the ParallelPlan object, or what else the nodes are from. */
  readonly planName: string;
}

/** All pods of a job that train together. */
export interface Gang extends Placement {
  readonly plan: ParallelPlanSpec;
  /** Counts the plans of the job from 1. */
  readonly revision: number;
  /** Counts the starts of the job's pods from 0. */
  readonly attempt: number;
}

/** The nodes of a plan that is about to run. A plan of a user's may leave them out; planning fills them in. */
export function nodesOf({ plan, planName }: Omit<Placement, 'job'>): readonly PlannedNode[] {
  invariant(plan.nodes, `plan ${planName} names no nodes`);
  return plan.nodes;
}
