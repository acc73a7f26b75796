import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiException,
  CoreV1Api,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Node,
  type V1NodeCondition,
  type V1Pod,
  type V1PodStatus,
} from '@kubernetes/client-node';
import type { Cluster } from '../cluster.ts';
import { freePorts } from '../ports.ts';
import { type Log, type LogServer, serveLogs } from './logs.ts';
import { lost, ready } from './node.ts';
import { NamedObjects } from './named-objects.ts';
import { type PodRun, runPod } from './pod-run.ts';
import { ended, type End } from './pod-status.ts';
import { killPodsNow } from './processes.ts';

export interface AgentOptions {
  /** Created at the start, and deleted at the end; names that no other agent has. */
  readonly nodes: readonly V1Node[];
  /**
   * Stands for the image: variables of every container, such as a PATH where its programs are, given the pod's address,
   * where programs must be told not to listen on all of them.
   */
  readonly environment: (address: string) => Readonly<Record<string, string>>;
}

/** Runs the pods of some nodes as processes of this machine. */
export interface Agent {
  /** Standard output and standard error of a pod's containers so far are in `CONTAINER.log` in it; gone after `stop`. */
  readonly podFolder: (pod: V1Pod) => string;
  /** What nodes hold at the paths of `hostPath`, below it. */
  readonly hostFolder: string;
  /** Ends a node as a power cut does: its processes are gone, and the control plane hears nothing any more. */
  readonly killNode: (name: string) => Promise<void>;
  /** Lets a killed node come back. Pods that ran on it have failed. */
  readonly restoreNode: (name: string) => Promise<void>;
  /** Kills all pods' processes, and removes the nodes and all folders. */
  readonly stop: () => Promise<void>;
}

/** Adds the nodes to the cluster, and runs what is bound to them until it is stopped. */
export async function startAgent(cluster: Cluster, options: AgentOptions): Promise<Agent> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-agent-'));
  const agent = new RunningAgent(cluster, folder, options);
  await cluster.apply(options.nodes);
  await agent.start();
  return agent;
}

/** Of a pod whose node was lost while it ran. */
const LOST: Omit<End, 'startedAt'> = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

class RunningAgent implements Agent {
  readonly hostFolder: string;
  readonly #folder: string;
  readonly #cluster: Cluster;
  readonly #api: CoreV1Api;
  readonly #objects: NamedObjects;
  readonly #nodes: ReadonlySet<string>;
  readonly #environment: AgentOptions['environment'];
  readonly #informer;
  readonly #runs = new Map<string, PodRun>();
  readonly #down = new Set<string>();
  readonly #leaving = new Set<string>();
  readonly #masterPorts = new Map<string, Promise<number>>();
  /** All of 127.0.0.0/8 is this machine; agents take parts of it that differ by chance. */
  readonly #network = `127.${randomInt(64, 255)}.${randomInt(0, 255)}`;
  #addresses = 0;
  #logs: LogServer | undefined;

  constructor(cluster: Cluster, folder: string, { nodes, environment }: AgentOptions) {
    this.#folder = folder;
    this.hostFolder = join(folder, 'host');
    this.#cluster = cluster;
    this.#environment = environment;
    this.#api = cluster.config.makeApiClient(CoreV1Api);
    this.#objects = new NamedObjects(cluster.config);
    this.#nodes = new Set(nodes.map(({ metadata }) => metadata?.name ?? ''));
    this.#informer = makeInformer(cluster.config, '/api/v1/pods', () => this.#api.listPodForAllNamespaces());
    process.once('exit', this.#endNow);
  }

  async start(): Promise<void> {
    this.#logs = await serveLogs(this.#cluster.kubeconfig, this.#findLog);
    const daemonEndpoints = { kubeletEndpoint: { Port: this.#logs.port } };
    for (const name of this.#nodes)
      await this.#api.patchNodeStatus({ name, body: { status: { daemonEndpoints } } }, MERGE);
    for (const event of ['add', 'update'] as const) this.#informer.on(event, this.#follow);
    this.#informer.on('delete', (pod) => {
      void this.#runs.get(uidOf(pod))?.kill();
      this.#runs.delete(uidOf(pod));
    });
    this.#informer.on('error', this.#reconnect);
    await this.#informer.start();
  }

  podFolder = (pod: V1Pod): string => {
    const { namespace, name, uid } = identityOf(pod);
    return join(this.#folder, 'pods', `${namespace}_${name}_${uid}`);
  };

  killNode = async (name: string): Promise<void> => {
    this.#down.add(name);
    const runs = [...this.#runs].filter(([, { nodeName }]) => nodeName === name);
    await Promise.all(runs.map(([, run]) => run.kill()));
    for (const [uid] of runs) this.#runs.delete(uid);
    await this.#setCondition(name, lost());
  };

  restoreNode = async (name: string): Promise<void> => {
    this.#down.delete(name);
    await this.#setCondition(name, ready());
    for (const pod of this.#informer.list()) if (pod.spec?.nodeName === name) this.#follow(pod);
  };

  stop = async (): Promise<void> => {
    this.#informer.off('error', this.#reconnect); // to stop it is an error, too
    await this.#informer.stop();
    this.#logs?.close();
    await Promise.all([...this.#runs.values()].map((run) => run.kill()));
    await this.#cluster.kubectl(['delete', 'nodes', '--ignore-not-found', '--wait=false', ...this.#nodes]);
    process.removeListener('exit', this.#endNow);
    await rm(this.#folder, { recursive: true, force: true });
  };

  #findLog = (namespace: string, name: string, container: string): Log | undefined => {
    const pod = this.#informer.get(name, namespace);
    if (pod === undefined || !this.#nodes.has(pod.spec?.nodeName ?? '')) return undefined;
    const isOpen = () => ['Pending', 'Running'].includes(this.#informer.get(name, namespace)?.status?.phase ?? '');
    return { file: join(this.podFolder(pod), `${container}.log`), isOpen };
  };

  /** The API server may have been restarted. */
  #reconnect = (): void => {
    void this.#informer.start();
  };

  /** Should the process end without `stop`. */
  #endNow = (): void => {
    killPodsNow([...this.#runs.keys()]);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  };

  #follow = (pod: V1Pod): void => {
    const nodeName = pod.spec?.nodeName ?? '';
    if (!this.#nodes.has(nodeName) || this.#down.has(nodeName)) return;
    this.#bring(pod).catch((error: unknown) => {
      console.error(`test agent, pod ${pod.metadata?.name ?? ''}:`, error);
    });
  };

  /** Brings a pod to where it should be. */
  async #bring(pod: V1Pod): Promise<void> {
    const uid = uidOf(pod);
    if (pod.metadata?.deletionTimestamp !== undefined) return this.#remove(pod);
    if (this.#runs.has(uid)) return;
    if (pod.status?.phase === 'Running') return this.#reportLost(pod);
    if (pod.status?.phase === 'Pending') await this.#run(pod);
  }

  async #run(pod: V1Pod): Promise<void> {
    const gang = `${pod.metadata?.namespace ?? ''}/${pod.spec?.subdomain ?? pod.metadata?.uid ?? ''}`;
    const masterPort = this.#masterPorts.get(gang) ?? freePorts(1).then(([port = 0]) => port);
    this.#masterPorts.set(gang, masterPort);
    const address = `${this.#network}.${1 + (this.#addresses++ % 254)}`;
    const around = {
      objects: this.#objects,
      folder: this.podFolder(pod),
      hostFolder: this.hostFolder,
      address,
      masterPort: await masterPort,
      imageEnvironment: this.#environment(address),
      report: (status: V1PodStatus) => this.#report(pod, status),
    };
    if (!this.#runs.has(uidOf(pod))) this.#runs.set(uidOf(pod), runPod(pod, around));
  }

  /** Ends a pod that is being deleted, and says that it is gone. */
  async #remove(pod: V1Pod): Promise<void> {
    const { uid, name, namespace } = identityOf(pod);
    if (this.#leaving.has(uid)) return;
    this.#leaving.add(uid);
    try {
      await this.#runs.get(uid)?.end(pod.metadata?.deletionGracePeriodSeconds ?? 0);
      if (this.#down.has(pod.spec?.nodeName ?? '')) return; // killed meanwhile
      await unlessGone(
        this.#api.deleteNamespacedPod({ name, namespace, body: { gracePeriodSeconds: 0, preconditions: { uid } } }),
      );
    } finally {
      this.#leaving.delete(uid);
    }
  }

  async #reportLost(pod: V1Pod): Promise<void> {
    const startedAt = pod.status?.startTime ?? new Date();
    const ends = (pod.spec?.containers ?? []).map(({ name }): [string, End] => [name, { ...LOST, startedAt }]);
    await this.#report(pod, ended(pod, new Map(ends)));
  }

  async #report(pod: V1Pod, status: V1PodStatus): Promise<void> {
    const { name, namespace, uid } = identityOf(pod);
    await unlessGone(
      this.#api.patchNamespacedPodStatus({ name, namespace, body: { metadata: { uid }, status } }, MERGE),
    );
  }

  async #setCondition(name: string, condition: V1NodeCondition): Promise<void> {
    await unlessGone(this.#api.patchNodeStatus({ name, body: { status: { conditions: [condition] } } }, MERGE));
  }
}

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);

function identityOf({ metadata }: V1Pod): Readonly<Record<'uid' | 'name' | 'namespace', string>> {
  const { uid = '', name = '', namespace = '' } = metadata ?? {};
  return { uid, name, namespace };
}

function uidOf(pod: V1Pod): string {
  return identityOf(pod).uid;
}

/** The object may have been deleted, and another may have its name. */
async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ApiException && (error.code === 404 || error.code === 409))) throw error;
  }
}
