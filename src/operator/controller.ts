/** The work of the replica that leads: follows the cluster, and reconciles each job that something happens to. */
import type { Logger } from 'winston';
import { ClusterView, keyOf } from './cluster-view.ts';
import { planInForce } from './decide/facts.ts';
import { specDigest } from './decide/planning-digest.ts';
import { FigureDesk } from './figures/figure-desk.ts';
import { runningGangs, runningPods } from './figures/running-gangs.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { TrainingJob } from './kubernetes/custom-resources.ts';
import type { JobMetrics } from './metrics.ts';
import { createPlanner } from './planning/planner.ts';
import { Planning } from './planning/planning.ts';
import { readInputs } from './planning/read-inputs.ts';
import { PlanningDesk } from './planning/planning-desk.ts';
import { ProfileReader } from './profiling/profile-reader.ts';
import { Reconciler } from './reconciler.ts';
import { WorkQueue } from './work-queue.ts';

/** Jobs that are reconciled at a time. */
const WORKERS = 8;
/** Changes of nodes and pods come in swarms; jobs that wait for GPUs are planned again once for all of them. */
const SETTLING_MS = 500;

export interface ControllerOptions {
  readonly client: KubernetesClient;
  /** Only jobs of this namespace; undefined for all. */
  readonly namespace: string | undefined;
  readonly log: Logger;
  readonly onReconciled: (seconds: number, result: 'success' | 'error') => void;
  readonly onSolved: (seconds: number, outcome: string) => void;
}

export class Controller {
  readonly #options: ControllerOptions;
  readonly #planner = createPlanner();
  readonly #view: ClusterView;
  readonly #desk: PlanningDesk;
  readonly #figures: FigureDesk;
  readonly #profiles: ProfileReader;
  readonly #queue: WorkQueue;
  readonly #reconciler: Reconciler;
  #settling: NodeJS.Timeout | undefined;

  constructor(options: ControllerOptions) {
    const { client, namespace, log, onSolved } = options;
    this.#options = options;
    this.#queue = new WorkQueue({
      workers: WORKERS,
      handle: (key) => this.#handle(key),
      onError: (key, error, retryInSeconds) => {
        log.warn('reconcile failed', { key, error: String(error), retryInSeconds });
      },
    });
    const onJobChange = (key: string) => {
      this.#queue.add(key);
    };
    this.#view = new ClusterView({
      client,
      namespace,
      log,
      onJobChange,
      onSupplyChange: () => {
        this.#retrySoon();
      },
    });
    const planning = new Planning({
      view: this.#view,
      planner: this.#planner,
      log,
      onSolved,
      unrecorded: () => this.#desk.unrecorded(),
    });
    this.#desk = new PlanningDesk({ plan: (request, signal) => planning.plan(request, signal), onResult: onJobChange });
    this.#profiles = new ProfileReader(onJobChange);
    this.#figures = new FigureDesk({
      gangs: () => runningGangs(this.#view),
      now: Date.now,
      onFigures: onJobChange,
      log,
    });
    this.#reconciler = new Reconciler({
      client,
      log,
      view: this.#view,
      desk: this.#desk,
      profiles: this.#profiles,
      figuresOf: (key, pods) => this.#figures.of(key, runningPods(pods)),
      inputsOf: (job) => readInputs(job, { client, view: this.#view }),
      now: Date.now,
    });
  }

  get queueDepth(): number {
    return this.#queue.depth;
  }

  get planningDepth(): number {
    return this.#desk.depth;
  }

  /** Whether the operator knows the cluster as it is. */
  get isSynced(): boolean {
    return this.#view.isSynced;
  }

  /** Jobs with the plans that they run by or wait to. */
  jobs(): readonly JobMetrics[] {
    return this.#view.jobs.list().map((job) => ({
      namespace: job.metadata.namespace,
      job: job.metadata.name,
      state: job.status?.state,
      restarts: job.status?.restarts ?? 0,
      relativeGap: job.spec.planning.relativeGap,
      driftPercent: job.spec.monitoring.driftPercent,
      plan: this.#planOf(job)?.spec,
      figures: this.#figures.of(keyOf(job), runningPods(this.#view.podsOf(job))),
    }));
  }

  /** Works until the signal aborts, then finishes what it is at. */
  async run(signal: AbortSignal): Promise<void> {
    const following = this.#view.run(signal);
    await Promise.race([this.#view.synced, following]);
    this.#options.log.info('the cluster has been read', { jobs: this.#view.jobs.list().length });
    for (const job of this.#view.jobs.list()) this.#queue.add(keyOf(job));
    this.#queue.start();
    await Promise.all([following, this.#figures.run(signal)]);
    clearTimeout(this.#settling);
    this.#profiles.stop();
    await Promise.all([this.#queue.drain(), this.#desk.stop()]);
    await this.#planner[Symbol.asyncDispose]();
  }

  async #handle(key: string): Promise<void> {
    const start = performance.now();
    const took = (result: 'success' | 'error') => {
      this.#options.onReconciled((performance.now() - start) / 1000, result);
    };
    try {
      const seconds = await this.#reconciler.reconcile(key);
      if (seconds !== undefined) this.#queue.addAfter(key, seconds);
      took('success');
    } catch (error) {
      took('error');
      throw error;
    }
  }

  #planOf(job: TrainingJob) {
    return planInForce(this.#view.plansOf(job), specDigest(job.spec), this.#view.podsOf(job)[0]);
  }

  #retrySoon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#desk.retry();
    }, SETTLING_MS);
  }
}
