import type { ParallelPlan } from '../api/parallel-plan.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';

/** Objects that a job names; each is undefined where there is none of that name. */
export interface NamedObjects {
  configMap(name: string, namespace: string): Promise<Readonly<Record<string, string>> | undefined>;
  parallelPlan(name: string, namespace: string): Promise<ParallelPlan | undefined>;
}

export interface ClusterSource extends NamedObjects {
  readonly nodes: readonly NodeObject[];
  readonly pods: readonly PodObject[];
}
