/** The cluster of the current kubeconfig, as a source of nodes and objects. */
import { KubeConfig } from '@kubernetes/client-node';
import { UserError } from '../api/errors.ts';
import { parseParallelPlan } from '../api/parse.ts';
import { KubernetesClient } from '../operator/kubernetes/client.ts';
import { RESOURCE } from '../operator/kubernetes/resources.ts';
import type { ClusterSource } from './cluster-source.ts';

/** Where the client library looks when there is no kubeconfig. */
const NO_KUBECONFIG = 'http://localhost:8080';

const REMEDY = 'check the kubeconfig, or give the nodes by --nodes FILE';

/** @throws {UserError} where there is no kubeconfig, or its server does not answer */
export async function readLiveCluster(): Promise<ClusterSource> {
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

/**
 * A client of the cluster of the current kubeconfig.
 *
 * @throws {UserError} where there is no kubeconfig
 */
export function liveClient(): KubernetesClient {
  return new KubernetesClient(loadKubeconfig());
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
