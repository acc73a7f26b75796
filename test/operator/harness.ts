/** The operator as a process of its own, as its own service account with the shipped role alone, on the shared cluster. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext, TestFn } from 'ava';
import type { ConditionReason, ConditionType } from '../../src/api/conditions.ts';
import { API_VERSION, LABEL } from '../../src/api/group.ts';
import type { TrainingJobSpec } from '../../src/api/training-job.ts';
import { KubernetesClient } from '../../src/operator/kubernetes/client.ts';
import type { ParallelPlan, TrainingJob } from '../../src/operator/kubernetes/custom-resources.ts';
import type { StoredObject } from '../../src/operator/kubernetes/objects.ts';
import type { Pod } from '../../src/operator/kubernetes/pod.ts';
import { RESOURCE, type Resource } from '../../src/operator/kubernetes/resources.ts';
import { type Cluster, writeKubeconfig } from '../cluster/cluster.ts';
import { gpuNodes } from '../cluster/nodes/gpu-nodes.ts';
import { freePorts } from '../cluster/ports.ts';
import { waitFor } from '../cluster/wait-for.ts';

const ROOT = join(import.meta.dirname, '../..');
export const OPERATOR_NAMESPACE = 'uniap-system';
/** Lines of the operator's log that are shown with a test that failed. */
const LOG_TAIL = 40;
export const NODE_LABEL = 'test.uniap.dev/namespace';

/** Creates a namespace for one test file, and starts an operator for it that ends with the file's tests. */
export async function operatorForTests(test: TestFn, cluster: Cluster): Promise<OperatorForTests> {
  const namespace = `operator-${randomBytes(3).toString('hex')}`;
  await install(cluster);
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
  const operator = await startOperator(cluster, { namespace });
  test.afterEach.always((t) => {
    if (!t.passed) for (const entry of operator.log.slice(-LOG_TAIL)) t.log(JSON.stringify(entry));
  });
  test.after.always(async () => {
    await operator.stop();
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });
  return { namespace, operator };
}

export interface OperatorForTests {
  readonly namespace: string;
  readonly operator: RunningOperator;
}

/** Installs what an administrator does: the definitions, the operator's namespace and its rights. May be done twice. */
export async function install(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '-f', join(ROOT, 'crds')]);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR_NAMESPACE } }]);
  await cluster.kubectl(['apply', '--server-side', '-f', join(ROOT, 'deploy/base/rbac.yaml')]);
}

/** An operator that runs. */
export interface RunningOperator {
  readonly metricsUrl: string;
  readonly healthUrl: string;
  /** What it has logged so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Resolves with the exit code when it ends by itself. */
  readonly exited: Promise<number | null>;
  /** Ends it as Kubernetes does, and returns its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

export interface OperatorSettings {
  /** The namespace of which it deals with the jobs; other tests have operators of their own. */
  readonly namespace: string;
  readonly flags?: readonly string[];
}

export async function startOperator(
  cluster: Cluster,
  { namespace, flags = [] }: OperatorSettings,
): Promise<RunningOperator> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-operator-'));
  const kubeconfig = await operatorKubeconfig(cluster, join(folder, 'kubeconfig'));
  const [metricsPort = 0, healthPort = 0] = await freePorts(2);
  const args = [
    join(ROOT, 'src/operator/main.ts'),
    `--namespace=${namespace}`,
    `--metrics-address=127.0.0.1:${metricsPort}`,
    `--health-address=127.0.0.1:${healthPort}`,
    '--log-level=debug',
    ...flags,
  ];
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const log: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', (line) => {
    log.push(parseLine(line));
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const code = await exited;
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return {
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    log,
    exited,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>; // a log line of ours
  } catch {
    return { message: line };
  }
}

/** Authenticates as the operator's service account, which has no rights but the shipped ones. */
async function operatorKubeconfig({ config, kubectl }: Cluster, path: string): Promise<string> {
  const token = await kubectl(['create', 'token', 'uniap-operator', `--namespace=${OPERATOR_NAMESPACE}`]);
  const server = config.getCurrentCluster();
  if (server === null) throw new Error('the cluster has no address');
  return writeKubeconfig(path, server, token.trim());
}

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** One job with GPU nodes that only it uses, and words for what a test does with them. */
export class Site {
  readonly namespace: string;
  /** Name of the job, and beginning of its nodes'. */
  readonly name: string;
  readonly #patience: number;
  readonly #cluster: Cluster;
  readonly #client: KubernetesClient;

  private constructor({ namespace, name, patience = 60_000 }: Omit<SiteOptions, 'nodes'>, cluster: Cluster) {
    this.namespace = namespace;
    this.name = name;
    this.#patience = patience;
    this.#cluster = cluster;
    this.#client = new KubernetesClient(cluster.config);
  }

  /** A site with some nodes of 8 GPUs, which goes when the test ends. */
  static async open(t: ExecutionContext, cluster: Cluster, { nodes, ...options }: SiteOptions): Promise<Site> {
    const site = new Site(options, cluster);
    if (nodes > 0) await site.addNodes(nodes);
    t.teardown(async () => {
      await site.kubectl('delete', 'trainingjobs', site.name, '--ignore-not-found', '--wait=false');
      await cluster.kubectl(['delete', 'nodes', '-l', site.#selector]);
    });
    return site;
  }

  get #selector(): string {
    return `${NODE_LABEL}=${this.namespace}.${this.name}`;
  }

  /** Adds nodes; a second time with another prefix. */
  async addNodes(count: number, prefix = 'node'): Promise<void> {
    const labels = { [NODE_LABEL]: `${this.namespace}.${this.name}` };
    await this.#cluster.apply(gpuNodes('p4d', { count, prefix: `${this.name}-${prefix}`, labels }));
  }

  /** Applies the job. */
  async submit(spec: DeepPartial<TrainingJobSpec> = {}): Promise<void> {
    await this.#cluster.apply([this.job(spec)]);
  }

  /** A job of 16 GPUs, two nodes, with a model and choices so few that its plan is found at once. */
  job(spec: DeepPartial<TrainingJobSpec> = {}) {
    const nodeSelector = { [NODE_LABEL]: `${this.namespace}.${this.name}` };
    return {
      apiVersion: API_VERSION,
      kind: 'TrainingJob',
      metadata: { name: this.name, namespace: this.namespace },
      spec: {
        ...spec,
        model: spec.model ?? { layers: [SMALL_LAYER] },
        training: { globalBatchSize: 32, ...spec.training },
        resources: { gpus: 16, nodeSelector, ...spec.resources },
        planning: spec.planning?.planName === undefined ? { ...FEW_CHOICES, ...spec.planning } : spec.planning,
        template: { image: 'registry.example/trainer:1', terminationGracePeriodSeconds: 0, ...spec.template },
      },
    };
  }

  /** Changes the job as `kubectl patch --type=merge` does. */
  async patch(spec: DeepPartial<TrainingJobSpec>): Promise<void> {
    await this.kubectl('patch', 'trainingjob', this.name, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return this.#cluster.kubectl([...args, `--namespace=${this.namespace}`]);
  }

  /** The job, or undefined where it is gone. */
  async read(): Promise<TrainingJob | undefined> {
    return this.#client.get(RESOURCE.trainingJob, this.name, this.namespace);
  }

  /** The job's pods, by name. */
  async pods(): Promise<readonly Pod[]> {
    return (await this.#owned(RESOURCE.pod)).toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  async plans(): Promise<readonly ParallelPlan[]> {
    return this.#owned(RESOURCE.parallelPlan);
  }

  /** `Kind name` of everything that belongs to the job. */
  async belongings(): Promise<readonly string[]> {
    const kinds: readonly Resource[] = [RESOURCE.parallelPlan, RESOURCE.configMap, RESOURCE.service, RESOURCE.pod];
    const objects = await Promise.all(kinds.map((kind) => this.#owned(kind)));
    return objects.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  async #owned<T extends StoredObject>(resource: Resource<T>): Promise<readonly T[]> {
    const labelSelector = `${LABEL.job}=${this.name}`;
    return (await this.#client.list(resource, { namespace: this.namespace, labelSelector })).items;
  }

  /** Waits until a condition of the job gives this reason, and returns the job. */
  async reaches<T extends ConditionType>(type: T, reason: ConditionReason<T>): Promise<TrainingJob> {
    return this.waitFor(`${type}: ${reason}`, ({ status }) =>
      status?.conditions?.some((condition) => condition.type === type && condition.reason === reason),
    );
  }

  /** Waits until something holds of the job, and returns it. */
  async waitFor(
    describe: string,
    holds: (job: TrainingJob) => boolean | undefined,
    timeout = this.#patience,
  ): Promise<TrainingJob> {
    let job: TrainingJob | undefined;
    const condition = async () => {
      job = await this.read();
      return job !== undefined && holds(job) === true && job;
    };
    return waitFor(condition, { describe: `job ${this.name} to reach ${describe}`, timeout }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(job?.status, undefined, 2)}`, { cause: error });
      },
    );
  }

  /** Makes a pod, or all, of the job end as asked. */
  async end(outcome: 'Succeeded' | 'Failed', pod = '', ...annotations: readonly string[]): Promise<void> {
    const which = pod === '' ? ['-l', `${LABEL.job}=${this.name}`] : [pod];
    await this.kubectl('annotate', 'pods', ...which, `test.uniap.dev/outcome=${outcome}`, ...annotations);
  }

  /** Messages of the events of the job, as `REASON: MESSAGE`. */
  async events(): Promise<readonly string[]> {
    const selector = `--field-selector=involvedObject.name=${this.name}`;
    const template = '-o=jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}';
    return (await this.kubectl('get', 'events', selector, template)).trim().split('\n');
  }
}

export interface SiteOptions {
  readonly namespace: string;
  readonly name: string;
  readonly nodes: number;
  /** Milliseconds that a change of the job may take; one minute unless said otherwise. */
  readonly patience?: number;
}

const FEW_CHOICES = { pipelineDegree: 1, microBatches: 1 };

/** A layer of a megabyte: any plan of it fits, and is found in a moment. */
export const SMALL_LAYER = {
  name: 'block',
  count: 2,
  parameters: 1_000_000,
  forwardFlops: 1_000_000_000,
  savedElements: 100_000,
  outputElements: 10_000,
  tensorDegrees: [1],
  tensorElements: 0,
};

export function messageOf(job: TrainingJob, type: ConditionType): string {
  return job.status?.conditions?.find((condition) => condition.type === type)?.message ?? '';
}
