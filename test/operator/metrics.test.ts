import test from 'ava';
import type { Figures } from '../../src/operator/figures/figures.ts';
import { type JobMetrics, Metrics } from '../../src/operator/metrics.ts';
import { aPlan, aRun } from '../plan/builders.ts';

const plan = aPlan({
  stages: [
    { layers: [aRun()], memoryBytes: 6e10 },
    { layers: [aRun()], memoryBytes: 5e10 },
  ],
  predicted: {
    stepSeconds: '1.25',
    samplesPerSecond: '51.2',
    modelFlopsUtilisation: '0.45',
    memoryLimitBytes: 8e10,
    limitedBy: 'stage 0',
  },
  proof: {
    value: '1.25',
    lowerBound: '1.24',
    relativeGap: '0.008',
    candidates: 2,
    solved: 1,
    pruned: 1,
    infeasible: 0,
    confirmed: 1,
    solver: 'HiGHS',
    seconds: '0.5',
  },
});

const job: JobMetrics = {
  namespace: 'research',
  job: 'llama',
  state: undefined,
  restarts: 0,
  relativeGap: '0.001',
  driftPercent: 20,
  plan: undefined,
  figures: undefined,
};

const figures: Figures = {
  stepSeconds: 2,
  steps: 30,
  spanSeconds: 60,
  memoryBytes: new Map([
    [0, 6.5e10],
    [1, 4e10],
  ]),
};

function aMetrics(jobs: readonly JobMetrics[]) {
  return new Metrics({ version: '1.2.3' }, { queueDepth: () => 3, planningDepth: () => 2, jobs: () => jobs });
}

/** Lines of the exposition that are ours and no histogram buckets. */
async function linesOf(metrics: Metrics): Promise<readonly string[]> {
  return (await metrics.text()).split('\n').filter((line) => /^uniap_(?!.*_bucket)/.test(line));
}

test('what is predicted of a job, and what happens, is shown by namespace, job and stage, and vanishes with the job', async (t) => {
  const jobs: JobMetrics[] = [{ ...job, state: 'Running', restarts: 1, plan, figures }];
  const metrics = aMetrics(jobs);
  const ofJob = async () => (await linesOf(metrics)).filter((line) => line.startsWith('uniap_job_'));
  t.deepEqual(await ofJob(), [
    'uniap_job_state{namespace="research",job="llama",state="Running"} 1',
    'uniap_job_gpus{namespace="research",job="llama",parallelism="pp2"} 16',
    'uniap_job_restarts{namespace="research",job="llama"} 1',
    'uniap_job_planned_step_seconds{namespace="research",job="llama"} 1.25',
    'uniap_job_planned_samples_per_second{namespace="research",job="llama"} 51.2',
    'uniap_job_plan_gap_ratio{namespace="research",job="llama"} 0.008',
    'uniap_job_plan_gap_limit_ratio{namespace="research",job="llama"} 0.001',
    'uniap_job_planned_memory_bytes{namespace="research",job="llama",stage="0"} 60000000000',
    'uniap_job_planned_memory_bytes{namespace="research",job="llama",stage="1"} 50000000000',
    'uniap_job_drift_limit_ratio{namespace="research",job="llama"} 1.2',
    'uniap_job_actual_step_seconds{namespace="research",job="llama"} 2',
    'uniap_job_actual_samples_per_second{namespace="research",job="llama"} 32',
    'uniap_job_actual_memory_bytes{namespace="research",job="llama",stage="0"} 65000000000',
    'uniap_job_actual_memory_bytes{namespace="research",job="llama",stage="1"} 40000000000',
  ]);
  jobs.pop();
  t.deepEqual(await ofJob(), []);
});

test('a job without a plan has no predictions', async (t) => {
  const lines = await linesOf(aMetrics([job]));
  t.deepEqual(
    lines.filter((line) => line.startsWith('uniap_job_')),
    [
      'uniap_job_restarts{namespace="research",job="llama"} 0',
      'uniap_job_plan_gap_limit_ratio{namespace="research",job="llama"} 0.001',
      'uniap_job_drift_limit_ratio{namespace="research",job="llama"} 1.2',
    ],
  );
});

test('what the operator does is counted from 0', async (t) => {
  const lines = await linesOf(aMetrics([]));
  for (const line of [
    'uniap_reconciles_total{result="success"} 0',
    'uniap_reconciles_total{result="error"} 0',
    'uniap_solver_duration_seconds_count{outcome="Planned"} 0',
  ]) {
    t.true(lines.includes(line), line);
  }
});

test('what the operator does is counted', async (t) => {
  const metrics = aMetrics([]);
  metrics.leading(true);
  metrics.reconciled(0.5, 'success');
  metrics.reconciled(0.25, 'error');
  metrics.solved(2, 'Planned');
  const lines = await linesOf(metrics);
  for (const line of [
    'uniap_reconciles_total{result="success"} 1',
    'uniap_reconciles_total{result="error"} 1',
    'uniap_reconcile_duration_seconds_sum 0.75',
    'uniap_reconcile_duration_seconds_count 2',
    'uniap_solver_duration_seconds_sum{outcome="Planned"} 2',
    'uniap_leader 1',
    'uniap_queue_depth 3',
    'uniap_planning_queue_depth 2',
    `uniap_build_info{version="1.2.3",node_version="${process.version}"} 1`,
  ]) {
    t.true(lines.includes(line), line);
  }
});
