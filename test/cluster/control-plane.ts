import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { AGENT_LABEL } from './agent/node.ts';
import { buildControlPlane } from './build.ts';
import { type Cluster, openCluster, writeKubeconfig } from './cluster.ts';
import { type Component, startComponent } from './component.ts';
import { freePorts } from './ports.ts';
import { waitFor } from './wait-for.ts';

/** A Kubernetes control plane whose nodes and pods are simulated by kwok. */
export type ControlPlane = Cluster & {
  /** Holds the data and one log file for each program; removed by `stop`. */
  readonly folder: string;
  /** Where kubectl and helm lie. */
  readonly programs: string;
  /** Kills the API server and starts it again at the same address; resolves once it is ready. */
  readonly restartApiServer: () => Promise<void>;
  /** Ends every program and removes the folder. */
  readonly stop: () => Promise<void>;
};

export interface StartOptions {
  /** Aborting it while the control plane is built or starts ends what has begun and rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Starts etcd, the API server, the controller manager, the scheduler and kwok on free ports of the loopback interface,
 * and waits until pods can be created. Builds the programs first if need be.
 *
 * Should this process end without `stop`, the programs end with it.
 *
 * @throws Error with the end of its log if a program fails.
 */
export async function startControlPlane(options: StartOptions = {}): Promise<ControlPlane> {
  const programs = await buildControlPlane(options.signal);
  const folder = await mkdtemp(join(tmpdir(), 'uniap-control-plane-'));
  const components = new Map<string, Component>();
  const cleanUpAtExit = () => {
    for (const component of components.values()) void component.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', cleanUpAtExit);

  const start = (name: string, args: readonly string[]): Component => {
    const command = join(programs, name);
    const component = startComponent({ name, command, args, logFile: join(folder, `${name}.log`) });
    components.set(name, component);
    return component;
  };
  const stop = async () => {
    await Promise.all([...components.values()].map(async (component) => component.kill()));
    process.removeListener('exit', cleanUpAtExit);
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const settings = await prepare(folder);
    const ready = async (component: Component, what: string, condition: () => Promise<boolean>) => {
      const describe = `${component.name} to ${what}`;
      await Promise.race([component.failed, waitFor(condition, { describe, signal: options.signal })]);
    };
    const startApiServer = async () => {
      const apiServer = start('kube-apiserver', apiServerFlags(settings));
      await ready(apiServer, 'be ready', () => apiServerIsReady(settings));
      return apiServer;
    };

    const etcd = start('etcd', etcdFlags(settings));
    await ready(etcd, 'be ready', async () => (await fetch(`${settings.etcdUrl}/readyz`)).ok);
    await startApiServer();
    const controllerManager = start('kube-controller-manager', controllerManagerFlags(settings));
    start('kube-scheduler', schedulerFlags(settings));
    start('kwok', kwokFlags(settings));
    const cluster = openCluster(settings.kubeconfigs.admin, programs);
    const api = cluster.config.makeApiClient(CoreV1Api);
    await ready(controllerManager, 'create the default service account, which pods need', async () => {
      await api.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
      return true;
    });

    for (const component of components.values()) reportFailure(component);
    const restartApiServer = async () => {
      await components.get('kube-apiserver')?.kill();
      reportFailure(await startApiServer());
    };
    return { ...cluster, folder, programs, restartApiServer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Once the control plane is up, nobody waits for a program's failure: say it when it comes. */
function reportFailure({ failed }: Component): void {
  failed.catch((error: unknown) => {
    console.error(error);
  });
}

/** The users that authenticate by token; all but the administrator have only their role of the same name. */
const GROUPS = { admin: 'system:masters', 'system:kube-controller-manager': '', 'system:kube-scheduler': '' } as const;

/** Everything that the flags of the programs refer to. */
interface Settings {
  readonly folder: string;
  readonly etcdUrl: string;
  readonly etcdPeerUrl: string;
  readonly apiServerPort: number;
  readonly apiServerUrl: string;
  /** The API server signs it itself when it first starts; clients trust it. */
  readonly servingCertificate: string;
  readonly serviceAccountKey: string;
  readonly tokens: string;
  readonly kubeconfigs: Readonly<Record<keyof typeof GROUPS, string>>;
}

/** Chooses ports and writes the files that the programs read. */
async function prepare(folder: string): Promise<Settings> {
  const [etcdPort = 0, etcdPeerPort = 0, apiServerPort = 0] = await freePorts(3);
  const apiServerUrl = `https://127.0.0.1:${apiServerPort}`;
  const servingCertificate = join(folder, 'apiserver.crt');
  const serviceAccountKey = join(folder, 'service-account.key');
  const tokens = join(folder, 'tokens.csv');

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });

  const lines: string[] = [];
  const kubeconfigFor = async (user: keyof typeof GROUPS) => {
    const token = randomBytes(24).toString('hex');
    lines.push(`${token},${user},${user},${GROUPS[user]}\n`);
    const cluster = { name: 'test', server: apiServerUrl, caFile: servingCertificate, skipTLSVerify: false };
    return writeKubeconfig(join(folder, `${user.replace('system:', '')}.kubeconfig`), cluster, token);
  };
  const kubeconfigs = {
    admin: await kubeconfigFor('admin'),
    'system:kube-controller-manager': await kubeconfigFor('system:kube-controller-manager'),
    'system:kube-scheduler': await kubeconfigFor('system:kube-scheduler'),
  };
  await writeFile(tokens, lines.join(''), { mode: 0o600 });

  return {
    folder,
    etcdUrl: `http://127.0.0.1:${etcdPort}`,
    etcdPeerUrl: `http://127.0.0.1:${etcdPeerPort}`,
    apiServerPort,
    apiServerUrl,
    servingCertificate,
    serviceAccountKey,
    tokens,
    kubeconfigs,
  };
}

function etcdFlags({ folder, etcdUrl, etcdPeerUrl }: Settings): readonly string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${etcdPeerUrl}`,
    `--initial-advertise-peer-urls=${etcdPeerUrl}`,
    `--initial-cluster=default=${etcdPeerUrl}`,
    '--unsafe-no-fsync', // its data need not outlive it
  ];
}

function apiServerFlags(settings: Settings): readonly string[] {
  return [
    `--etcd-servers=${settings.etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none', // a loopback address is no endpoint
    `--secure-port=${settings.apiServerPort}`,
    `--cert-dir=${settings.folder}`,
    `--token-auth-file=${settings.tokens}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${settings.serviceAccountKey}`,
    `--service-account-signing-key-file=${settings.serviceAccountKey}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
  ];
}

/** Without a serving port there is neither a port to choose nor a certificate to make. */
const CLIENT_ONLY = ['--secure-port=0', '--leader-elect=false', '--kube-api-qps=500', '--kube-api-burst=1000'];

function controllerManagerFlags(settings: Settings): readonly string[] {
  return [
    `--kubeconfig=${settings.kubeconfigs['system:kube-controller-manager']}`,
    ...CLIENT_ONLY,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${settings.serviceAccountKey}`,
    `--root-ca-file=${settings.servingCertificate}`,
    // kwok reports a node once and then only changes, so a node's silence means nothing; its changes count at once.
    '--node-monitor-grace-period=24h',
    '--node-monitor-period=1s',
  ];
}

function schedulerFlags({ kubeconfigs }: Settings): readonly string[] {
  return [`--kubeconfig=${kubeconfigs['system:kube-scheduler']}`, ...CLIENT_ONLY];
}

function kwokFlags({ kubeconfigs }: Settings): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigs.admin}`,
    `--config=${join(import.meta.dirname, 'stages.yaml')}`,
    `--manage-nodes-with-label-selector=!${AGENT_LABEL}`, // pods of the others run for real
    '--manage-all-nodes=false',
    '--node-lease-duration-seconds=0', // no heartbeats; see the controller manager
  ];
}

/** Until it first starts there is no certificate to trust, and reading it throws. */
async function apiServerIsReady({ apiServerUrl, servingCertificate }: Settings): Promise<boolean> {
  const ca = await readFile(servingCertificate);
  return new Promise((resolve, reject) => {
    get(`${apiServerUrl}/readyz`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', reject);
  });
}
