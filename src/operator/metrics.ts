/** Every metric of the operator, round one registry. Names, labels and meaning: docs/operator.md. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import { summarizePlan } from '../plan/summary.ts';
import type { Figures } from './figures/figures.ts';

/** Seconds; from one solver node to the longest time limit that people set. */
const SOLVER_BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 900];
/** Seconds; a reconcile is a handful of requests. */
const RECONCILE_BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

export interface BuildInfo {
  readonly version: string;
}

/** A job as its metrics show it. */
export interface JobMetrics {
  readonly namespace: string;
  readonly job: string;
  /** `status.state`; undefined before the first status. */
  readonly state: string | undefined;
  readonly restarts: number;
  /** `spec.planning.relativeGap`. */
  readonly relativeGap: string;
  /** `spec.monitoring.driftPercent`. */
  readonly driftPercent: number;
  readonly plan: ParallelPlanSpec | undefined;
  readonly figures: Figures | undefined;
}

/** What is read at the moment when the metrics are, so that it is never out of date and goes with its job. */
export interface Sources {
  readonly queueDepth: () => number;
  readonly planningDepth: () => number;
  readonly jobs: () => readonly JobMetrics[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly #reconciles = new Counter({
    name: 'uniap_reconciles_total',
    help: 'Reconciles by result; after an error the job is tried again.',
    labelNames: ['result'],
    registers: this.#registers,
  });
  readonly #reconcileSeconds = new Histogram({
    name: 'uniap_reconcile_duration_seconds',
    help: 'Duration of reconciles.',
    buckets: RECONCILE_BUCKETS,
    registers: this.#registers,
  });
  readonly #solver = new Histogram({
    name: 'uniap_solver_duration_seconds',
    help: 'Duration of searches for a plan, by outcome.',
    labelNames: ['outcome'],
    buckets: SOLVER_BUCKETS,
    registers: this.#registers,
  });
  readonly #leader = new Gauge({
    name: 'uniap_leader',
    help: 'Whether this replica leads: 1 or 0.',
    registers: this.#registers,
  });

  constructor({ version }: BuildInfo, { queueDepth, planningDepth, jobs }: Sources) {
    collectDefaultMetrics({ register: this.#registry });
    // From 0, so that Prometheus sees the first of them as an increase.
    this.#solver.zero({ outcome: 'Planned' });
    for (const result of ['success', 'error']) this.#reconciles.inc({ result }, 0);
    this.#gauge('uniap_build_info', 'Constant 1; the labels say which build runs.', () => [
      { labels: { version, node_version: process.version }, value: 1 },
    ]);
    this.#gauge('uniap_queue_depth', 'Jobs that wait to be reconciled.', () => [{ value: queueDepth() }]);
    this.#gauge('uniap_planning_queue_depth', 'Jobs that wait to be planned.', () => [{ value: planningDepth() }]);
    const jobGauge = (name: string, help: string, samplesOf: (job: JobMetrics) => readonly Sample[]) => {
      this.#gauge(name, help, () =>
        jobs().flatMap((each) => {
          const labels = { namespace: each.namespace, job: each.job };
          return samplesOf(each).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
        }),
      );
    };
    jobGauge('uniap_job_state', 'Constant 1; the label state says how the job is.', ({ state }) =>
      state === undefined ? [] : [{ labels: { state }, value: 1 }],
    );
    jobGauge('uniap_job_gpus', "GPUs of the job's plan.", ({ plan }) =>
      plan === undefined ? [] : [{ labels: { parallelism: summarizePlan(plan) }, value: plan.gpus }],
    );
    jobGauge('uniap_job_restarts', 'Times that all pods of the job were started again.', ({ restarts }) => [
      { value: restarts },
    ]);
    jobGauge('uniap_job_planned_step_seconds', 'Predicted time of one optimizer step.', ({ plan }) =>
      decimal(plan?.predicted?.stepSeconds),
    );
    jobGauge('uniap_job_planned_samples_per_second', 'Predicted samples in a second, all GPUs together.', ({ plan }) =>
      decimal(plan?.predicted?.samplesPerSecond),
    );
    jobGauge('uniap_job_plan_gap_ratio', 'Proved: no plan is better by more than this share.', ({ plan }) =>
      decimal(plan?.proof?.relativeGap),
    );
    jobGauge('uniap_job_plan_gap_limit_ratio', 'Gap that the job asks for.', ({ relativeGap }) => decimal(relativeGap));
    jobGauge('uniap_job_planned_memory_bytes', 'Predicted peak memory of each GPU of a pipeline stage.', ({ plan }) =>
      (plan?.stages ?? []).flatMap(({ memoryBytes }, stage) =>
        memoryBytes === undefined ? [] : [{ labels: { stage }, value: memoryBytes }],
      ),
    );
    jobGauge('uniap_job_drift_limit_ratio', 'Actual over planned from which on it is drift.', ({ driftPercent }) => [
      { value: 1 + driftPercent / 100 },
    ]);
    jobGauge('uniap_job_actual_step_seconds', 'Mean time of the last optimizer steps.', ({ figures }) =>
      figures === undefined ? [] : [{ value: figures.stepSeconds }],
    );
    jobGauge('uniap_job_actual_samples_per_second', 'Samples in a second at that pace.', ({ figures, plan }) =>
      figures === undefined || plan === undefined ? [] : [{ value: plan.globalBatchSize / figures.stepSeconds }],
    );
    jobGauge('uniap_job_actual_memory_bytes', 'Peak memory of a GPU of a pipeline stage.', ({ figures }) =>
      [...(figures?.memoryBytes ?? [])].map(([stage, value]) => ({ labels: { stage }, value })),
    );
  }

  reconciled(seconds: number, result: 'success' | 'error'): void {
    this.#reconciles.inc({ result });
    this.#reconcileSeconds.observe(seconds);
  }

  /** @param outcome - `planned`, or the reason of the condition `Planned`. */
  solved(seconds: number, outcome: string): void {
    this.#solver.observe({ outcome }, seconds);
  }

  leading(is: boolean): void {
    this.#leader.set(is ? 1 : 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A gauge that is worked out when it is read. */
  #gauge(name: string, help: string, read: () => readonly Sample[]): void {
    const labelNames = ['namespace', 'job', 'stage', 'state', 'parallelism', 'version', 'node_version'];
    new Gauge({
      name,
      help,
      labelNames,
      registers: this.#registers,
      collect() {
        this.reset();
        for (const { labels = {}, value } of read()) this.set(labels, value);
      },
    });
  }
}

function decimal(text: string | undefined): readonly Sample[] {
  return text === undefined ? [] : [{ value: Number(text) }];
}
