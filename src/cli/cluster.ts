/** Where `plan` and `render` read from: a file of nodes, or the cluster of the current kubeconfig. */
import { KubeConfig } from '@kubernetes/client-node';
import { UserError } from '../api/errors.ts';
import type { ParallelPlan } from '../api/parallel-plan.ts';
import { parseParallelPlan } from '../api/parse.ts';
import { readNodeFile } from '../cluster/node-file.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';
import { KubernetesClient } from '../operator/kubernetes/client.ts';
import { RESOURCE } from '../operator/kubernetes/resources.ts';
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
  return nodesFile === undefined ? readLiveCluster() : readClusterFile(nodesFile);
}

const nothing = async (): Promise<undefined> => Promise.resolve(undefined);

/** Where there is no cluster to ask. */
export const NO_OBJECTS: NamedObjects = { configMap: nothing, parallelPlan: nothing };

async function readClusterFile(file: string): Promise<ClusterSource> {
  const { nodes, pods } = readNodeFile(await readText(file, 'the nodes'), file);
  return { nodes, pods, ...NO_OBJECTS };
}

/** Where the client library looks when there is no kubeconfig. */
const NO_KUBECONFIG = 'http://localhost:8080';

const REMEDY = 'check the kubeconfig, or give the nodes by --nodes FILE';

async function readLiveCluster(): Promise<ClusterSource> {
  const config = loadKubeconfig();
  const client = new KubernetesClient(config);
  const [nodes, pods] = await Promise.all([client.list(RESOURCE.node), client.list(RESOURCE.pod)]).catch(
    (cause: unknown) => {
      const server = config.getCurrentCluster()?.server ?? 'the current kubeconfig';
      const problem = `cannot read nodes and pods from ${server}: ${reasonOf(cause)}`;
      throw new UserError({ problem, remedy: REMEDY, cause });
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

function loadKubeconfig(): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (cause) {
    throw new UserError({ problem: `cannot read the kubeconfig: ${reasonOf(cause)}`, remedy: REMEDY, cause });
  }
  if (config.getCurrentCluster()?.server === NO_KUBECONFIG) {
    throw new UserError({
      problem: 'there is no kubeconfig',
      remedy: 'set KUBECONFIG, or give the nodes by --nodes FILE',
    });
  }
  return config;
}

/** The first line of an error: some libraries go on with a picture of the place. */
function reasonOf(cause: unknown): string {
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return line;
}
