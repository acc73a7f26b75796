/** Where `plan` and `render` read from: a file of nodes, or the cluster of the current kubeconfig. */
import { readFile } from 'node:fs/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { UserError } from '../api/errors.ts';
import type { ParallelPlan } from '../api/parallel-plan.ts';
import { parseParallelPlan } from '../api/parse.ts';
import { readNodeFile } from '../cluster/node-file.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';
import { KubernetesClient } from '../operator/kubernetes/client.ts';
import { RESOURCE } from '../operator/kubernetes/resources.ts';

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
  return nodesFile === undefined ? readLiveCluster() : readClusterFile(nodesFile);
}

async function readClusterFile(file: string): Promise<ClusterSource> {
  const { nodes, pods } = readNodeFile(await readFile(file, 'utf8'));
  const nothing = async (): Promise<undefined> => Promise.resolve(undefined);
  return { nodes, pods, configMap: nothing, parallelPlan: nothing };
}

async function readLiveCluster(): Promise<ClusterSource> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const client = new KubernetesClient(config);
  const [nodes, pods] = await Promise.all([client.list(RESOURCE.node), client.list(RESOURCE.pod)]).catch(
    (cause: unknown) => {
      const server = config.getCurrentCluster()?.server ?? 'the current kubeconfig';
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new UserError({
        problem: `cannot read nodes and pods from ${server}: ${reason}`,
        remedy: 'check the kubeconfig, or give the nodes by --nodes FILE',
        cause,
      });
    },
  );
  return {
    nodes: nodes.items,
    pods: pods.items,
    configMap: async (name, namespace) => (await client.get(RESOURCE.configMap, name, namespace))?.data,
    parallelPlan: async (name, namespace) => {
      const plan = await client.get(RESOURCE.parallelPlan, name, namespace);
      return plan && parseParallelPlan(plan);
    },
  };
}
