/** Where `plan` and `render` read from: a file of nodes, or the cluster of the current kubeconfig. */
import { readNodeFile } from '../cluster/node-file.ts';
import type { ClusterSource, NamedObjects } from './cluster-source.ts';
import { readText } from './text-files.ts';

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
