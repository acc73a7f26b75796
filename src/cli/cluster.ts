/** Where `plan` and `render` read from: a file of nodes, or the cluster of the current kubeconfig. */
import type { ParallelPlan } from '../api/parallel-plan.ts';
import { readNodeFile } from '../cluster/node-file.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';
import { readText } from './read-text.ts';

/** Objects that a job names; each is undefined where there is none of that name. */
export interface NamedObjects {
  configMap(name: string, namespace: string): Promise<Readonly<Record<string, string>> | undefined>;
  parallelPlan(name: string, namespace: string): Promise<ParallelPlan | undefined>;
}

export interface ClusterSource extends NamedObjects {
  readonly nodes: readonly NodeObject[];
  readonly pods: readonly PodObject[];
}

/** @param nodesFile - As `kubectl get nodes -o yaml` prints it; undefined for the current kubeconfig. */
export async function readCluster(nodesFile: string | undefined): Promise<ClusterSource> {
  if (nodesFile !== undefined) {
    return readClusterFile(nodesFile);
  }
  // The client library is large: who gives a file does not wait for it.
  const { readLiveCluster } = await import('./live-cluster.ts');
  return readLiveCluster();
}

const nothing = async (): Promise<undefined> => Promise.resolve(undefined);

/** Where there is no cluster to ask. */
export const NO_OBJECTS: NamedObjects = { configMap: nothing, parallelPlan: nothing };

async function readClusterFile(file: string): Promise<ClusterSource> {
  const { nodes, pods } = readNodeFile(await readText(file, 'the nodes'), file);
  return { nodes, pods, ...NO_OBJECTS };
}
