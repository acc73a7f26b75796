import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Cluster as ClusterEntry, KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { buildControlPlane } from './build.ts';

/** A running test cluster, as its users see it. */
export interface Cluster {
  /** Path of the administrator's kubeconfig; files beside it go when the control plane stops. */
  readonly kubeconfig: string;
  /** Clients of the administrator are made from it: `config.makeApiClient(CoreV1Api)`. */
  readonly config: KubeConfig;
  /** Runs kubectl as administrator and returns what it prints; throws with what it complains of. */
  readonly kubectl: (args: readonly string[], stdin?: string) => Promise<string>;
  /** Applies objects as `kubectl apply --server-side` does. */
  readonly apply: (objects: readonly KubernetesObject[]) => Promise<void>;
  /** Writes a kubeconfig for a service account that exists, valid for a day, and returns its path. */
  readonly kubeconfigFor: (serviceAccount: ServiceAccountName) => Promise<string>;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The cluster that `with-control-plane.ts` holds open for the command that it runs.
 *
 * @throws Error if there is none.
 */
export async function sharedCluster(): Promise<Cluster> {
  const kubeconfig = process.env.UNIAP_TEST_KUBECONFIG;
  if (kubeconfig === undefined) {
    throw new Error(
      'UNIAP_TEST_KUBECONFIG is not set: run the tests as node test/cluster/with-control-plane.ts npx ava FILES',
    );
  }
  return openCluster(kubeconfig, await buildControlPlane());
}

/** A cluster by the path of its administrator's kubeconfig and the folder of the programs. */
export function openCluster(kubeconfig: string, programs: string): Cluster {
  const folder = dirname(kubeconfig);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);

  const kubectl = async (args: readonly string[], stdin = ''): Promise<string> => {
    const running = promisify(execFile)(join(programs, 'kubectl'), args, {
      // Discovery is cached by address, and addresses come back: keep each cluster's cache with the cluster.
      env: { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'kubectl-cache') },
      maxBuffer: 64 * 2 ** 20,
    });
    running.child.stdin?.end(stdin);
    return (await running).stdout;
  };

  return {
    kubeconfig,
    config,
    kubectl,
    apply: async (objects) => {
      if (objects.length === 0) return;
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
    },
    kubeconfigFor: async ({ namespace, name }) => {
      const token = await kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=24h']);
      const server = config.getCurrentCluster();
      if (server === null) throw new Error(`${kubeconfig} has no current cluster`);
      return writeKubeconfig(join(folder, `${namespace}.${name}.kubeconfig`), server, token.trim());
    },
  };
}

/** Writes a kubeconfig that authenticates by a bearer token, and returns its path. */
export async function writeKubeconfig(path: string, cluster: ClusterEntry, token: string): Promise<string> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, { name: 'user', token });
  await writeFile(path, config.exportConfig(), { mode: 0o600 });
  return path;
}
