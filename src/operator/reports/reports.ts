/** Pages about the plans of jobs, drawn when they are asked for from what the cluster has. */
import { Piscina } from 'piscina';
import { CONTENT_SECURITY_POLICY } from '../../plan/report/policy.ts';
import type { RecordedPlan } from '../../plan/report/recorded.ts';
import { type Answer, type Parameters, text } from '../health-server.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { RESOURCE } from '../kubernetes/resources.ts';
import { readModel } from '../planning/read-inputs.ts';
import type { DrawnReport } from './report-worker.ts';

/** Where the report of a job is. */
export const REPORT_PATH = '/jobs/:namespace/:name/report';

/** The worker beside this file, as source or as compiled. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './report-worker.ts' : './report-worker.js', import.meta.url);
/** A thread that draws takes some tens of MiB; it ends after this long without a request. */
const IDLE_MS = 60_000;
/** Requests that are worked on at once, from reading the cluster on; more are sent away. */
const MOST_AT_ONCE = 16;
/** Memory of the thread: a report that takes more costs itself, not the operator. */
const MOST_MEBIBYTES = 1024;
/** And one that takes longer. */
const MOST_MS = 60_000;

/** A page may be shown in no other's frame and kept in no cache, besides what it says itself. */
const HEADERS = {
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

export interface ReportsOptions {
  readonly client: KubernetesClient;
  /** Only jobs of this namespace; undefined for all. */
  readonly namespace: string | undefined;
}

export class Reports implements AsyncDisposable {
  readonly #options: ReportsOptions;
  /** Off the operator's own thread, which has a Lease to renew. */
  readonly #pool = new Piscina<RecordedPlan, DrawnReport>({
    filename: WORKER.href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEBIBYTES },
  });
  #underWay = 0;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  /** Reads the API server, so that a replica that stands by answers too. */
  async answer(parameters: Parameters): Promise<Answer> {
    if (this.#underWay >= MOST_AT_ONCE) return text(503, 'too many reports are asked for at once; try again');
    this.#underWay += 1;
    try {
      return await this.#report(parameters);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #report({ namespace = '', name = '' }: Parameters): Promise<Answer> {
    const recorded = await this.#read(namespace, name);
    if (typeof recorded === 'string') return text(404, recorded);
    const drawn = await this.#pool.run(recorded, { signal: AbortSignal.timeout(MOST_MS) });
    if ('refusal' in drawn) return text(409, drawn.refusal);
    return { contentType: 'text/html; charset=utf-8', body: drawn.page, headers: HEADERS };
  }

  /** @returns what there is to draw, or why there is nothing. */
  async #read(namespace: string, name: string): Promise<RecordedPlan | string> {
    const { client, namespace: only } = this.#options;
    const unknown = `there is no TrainingJob ${name} in namespace ${namespace}`;
    if (only !== undefined && namespace !== only) return unknown;
    const job = await client.get(RESOURCE.trainingJob, name, namespace);
    if (job === undefined) return unknown;
    const planName = job.status?.plan?.name;
    const plan = planName === undefined ? undefined : await client.get(RESOURCE.parallelPlan, planName, namespace);
    if (plan === undefined) return `TrainingJob ${name} has no plan`;
    const inputs = await readModel(job, client);
    if (inputs.kind !== 'ready') return inputs.message;
    const { items } = await client.list(RESOURCE.node);
    // What goes to the thread is copied: a cluster may have many more nodes.
    const planned = new Set(plan.spec.nodes?.map((node) => node.name));
    const nodes = items.filter(({ metadata }) => planned.has(metadata.name));
    return { name, spec: job.spec, config: inputs.config, plan: plan.spec, nodes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
