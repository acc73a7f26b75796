/** All jobs, what planning takes, and the health of the operator. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { dashboardOf, figure, jobTable, lines, stacked } from './panels.ts';

const JOBS = '{namespace=~"$namespace"}';
/** Only the replica that leads; the others' figures are those of idleness. */
const LEADS = 'and on (instance) uniap_leader == 1';

/** A metric of jobs, as the last replica that led had it. */
function ofJobs(metric: string): string {
  return `max by (namespace, job) (${metric}${JOBS})`;
}

const jobs = [
  stacked({ title: 'Jobs by state', description: 'status.state of each TrainingJob.', unit: units.Short }, [
    `count by (state) (max by (namespace, job, state) (uniap_job_state${JOBS}))`,
    '{{state}}',
  ]),
  stacked(
    {
      title: 'GPUs in use by plan',
      description: 'GPUs of jobs that run, by how their plan splits the work.',
      unit: units.Short,
    },
    [
      `sum by (parallelism) (max by (namespace, job, parallelism) (uniap_job_gpus${JOBS}) and on (namespace, job) uniap_job_state{state="Running"})`,
      '{{parallelism}}',
    ],
  ),
  jobTable('Planned against actual', 'Jobs whose pods say how long their steps take.', [
    { name: 'planned step', expression: ofJobs('uniap_job_planned_step_seconds'), unit: units.Seconds },
    { name: 'actual step', expression: ofJobs('uniap_job_actual_step_seconds'), unit: units.Seconds },
    { name: 'planned samples/s', expression: ofJobs('uniap_job_planned_samples_per_second'), unit: units.Short },
    { name: 'actual samples/s', expression: ofJobs('uniap_job_actual_samples_per_second'), unit: units.Short },
    {
      name: 'memory over planned',
      expression: ofJobs('uniap_job:memory_bytes:actual_over_planned'),
      unit: units.PercentUnit,
    },
    { name: 'restarts', expression: ofJobs('uniap_job_restarts'), unit: units.Short },
  ]),
  lines(
    {
      title: 'Step time over planned',
      description: '1 is as planned; more is slower. Above its limit, a job has the condition PlanDrift.',
      unit: units.PercentUnit,
    },
    [ofJobs('uniap_job:step_seconds:actual_over_planned'), '{{namespace}}/{{job}}'],
    [`max(uniap_job_drift_limit_ratio${JOBS})`, 'largest limit of a job'],
  ),
  lines(
    {
      title: 'Memory over planned',
      description: 'Of the stage where it is most. More than 1 brings a job nearer to running out of memory.',
      unit: units.PercentUnit,
    },
    [ofJobs('uniap_job:memory_bytes:actual_over_planned'), '{{namespace}}/{{job}}'],
  ),
];

const planning = [
  lines(
    { title: 'Time of a search', description: 'Of the searches for a plan within an hour.', unit: units.Seconds },
    [searchSeconds(0.5), 'half are quicker'],
    [searchSeconds(0.9), 'nine of ten are quicker'],
  ),
  stacked(
    {
      title: 'Searches by outcome',
      description: 'Within an hour. All but Planned left the job without a plan.',
      unit: units.Short,
    },
    ['sum by (outcome) (increase(uniap_solver_duration_seconds_count[1h]))', '{{outcome}}'],
  ),
  lines(
    {
      title: 'Proved gap of plans',
      description: 'No plan is better by more than this share. More than asked for: the time limit came first.',
      unit: units.PercentUnit,
    },
    [ofJobs('uniap_job_plan_gap_ratio'), '{{namespace}}/{{job}}'],
  ),
  lines(
    { title: 'Queues', description: 'Jobs that wait for the operator, not for GPUs.', unit: units.Short },
    ['max(uniap_queue_depth)', 'to be looked at'],
    ['max(uniap_planning_queue_depth)', 'to be planned'],
  ),
];

const operator = [
  figure({ title: 'Replicas that lead', description: 'Should be 1.', unit: units.Short }, ['sum(uniap_leader)', '']),
  figure({ title: 'Replicas', description: 'By version.', unit: units.Short }, [
    'count by (version) (uniap_build_info)',
    '{{version}}',
  ]),
  figure(
    { title: 'Most restarts of a job', description: 'Of all its pods together, in its life.', unit: units.Short },
    [`max(uniap_job_restarts${JOBS})`, ''],
  ).span(16),
  stacked(
    {
      title: 'Reconciles',
      description: 'Looks at a job, a second. After an error the job is tried again.',
      unit: units.OpsPerSecond,
    },
    ['sum by (result) (rate(uniap_reconciles_total[$__rate_interval]))', '{{result}}'],
  ),
  lines(
    { title: 'Time of a reconcile', description: 'Of a look at a job.', unit: units.Seconds },
    [reconcileSeconds(0.5), 'half are quicker'],
    [reconcileSeconds(0.99), '99 of 100 are quicker'],
  ),
  lines(
    { title: 'CPU', description: 'Cores that the replica uses that leads; a search takes one.', unit: units.Short },
    [`rate(process_cpu_seconds_total[$__rate_interval]) ${LEADS}`, '{{instance}}'],
  ),
  lines({ title: 'Memory', description: 'Of the replica that leads.', unit: units.BytesIEC }, [
    `process_resident_memory_bytes ${LEADS}`,
    '{{instance}}',
  ]),
];

export const clusterDashboard = dashboardOf({
  uid: 'uniap-cluster',
  title: 'UniAP / Cluster',
  choices: [{ name: 'namespace', values: 'label_values(uniap_job_state, namespace)', all: true }],
  rows: [
    { title: 'Jobs', panels: jobs },
    { title: 'Planning', panels: planning },
    { title: 'Operator', panels: operator },
  ],
});

function searchSeconds(quantile: number): string {
  return `histogram_quantile(${quantile}, sum by (le) (increase(uniap_solver_duration_seconds_bucket[1h])))`;
}

function reconcileSeconds(quantile: number): string {
  return `histogram_quantile(${quantile}, sum by (le) (rate(uniap_reconcile_duration_seconds_bucket[$__rate_interval])))`;
}
