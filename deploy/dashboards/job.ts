/** One job: its plan, how far its steps are from it, and where their time goes. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { dashboardOf, figure, lines } from './panels.ts';

const JOB = '{namespace="$namespace", job="$job"}';

/** A metric of the job by some labels, as the last replica that led had it. */
function ofJob(metric: string, ...labels: readonly string[]): string {
  return `max by (${['namespace', 'job', ...labels].join(', ')}) (${metric}${JOB})`;
}

const plan = [
  figure({ title: 'State', description: 'status.state of the TrainingJob.', unit: units.Short }, [
    ofJob('uniap_job_state', 'state'),
    '{{state}}',
  ]),
  figure({ title: 'GPUs', description: 'Of the plan, and how it splits the work.', unit: units.Short }, [
    ofJob('uniap_job_gpus', 'parallelism'),
    '{{parallelism}}',
  ]).span(8),
  figure({ title: 'Proved gap', description: 'No plan is better by more than this share.', unit: units.PercentUnit }, [
    ofJob('uniap_job_plan_gap_ratio'),
    '',
  ]),
  figure({ title: 'Step time over planned', description: '1 is as planned.', unit: units.PercentUnit }, [
    ofJob('uniap_job:step_seconds:actual_over_planned'),
    '',
  ]),
  figure({ title: 'Restarts', description: 'Times that all pods were started again.', unit: units.Short }, [
    ofJob('uniap_job_restarts'),
    '',
  ]),
];

const plannedAgainstActual = [
  lines(
    { title: 'Step time', description: 'Of one optimizer step.', unit: units.Seconds },
    [ofJob('uniap_job_planned_step_seconds'), 'planned'],
    [ofJob('uniap_job_actual_step_seconds'), 'actual'],
  ),
  lines(
    { title: 'Throughput', description: 'Samples a second, all GPUs together.', unit: units.Short },
    [ofJob('uniap_job_planned_samples_per_second'), 'planned'],
    [ofJob('uniap_job_actual_samples_per_second'), 'actual'],
  ),
  lines(
    {
      title: 'Drift',
      description:
        'Actual over planned. Above the limit (spec.monitoring.driftPercent) the job has the condition PlanDrift.',
      unit: units.PercentUnit,
    },
    [ofJob('uniap_job:step_seconds:actual_over_planned'), 'step time'],
    [ofJob('uniap_job:memory_bytes:actual_over_planned'), 'memory'],
    [ofJob('uniap_job_drift_limit_ratio'), 'limit'],
  ),
  lines(
    { title: 'Memory of a GPU', description: 'Peak, by pipeline stage.', unit: units.BytesIEC },
    [ofJob('uniap_job_planned_memory_bytes', 'stage'), 'stage {{stage}} planned'],
    [ofJob('uniap_job_actual_memory_bytes', 'stage'), 'stage {{stage}} actual'],
  ),
];

const insideTheSteps = [
  lines(
    {
      title: 'Step time by rank',
      description: 'Ranks end a step together, so a rank that stands out has a clock or a pause of its own.',
      unit: units.Seconds,
    },
    [
      `sum by (stage, rank) (${perSecond('step_seconds_sum')}) / sum by (stage, rank) (${perSecond('step_seconds_count')})`,
      'stage {{stage}} rank {{rank}}',
    ],
  ),
  lines(
    {
      title: 'Waiting in a step',
      description: 'Share of a step that the ranks of a stage wait, for other stages and in collectives.',
      unit: units.PercentUnit,
    },
    [shareOfStep('pipeline_wait_seconds'), 'stage {{stage}} for stages'],
    [shareOfStep('exposed_communication_seconds'), 'stage {{stage}} in collectives'],
  ),
  lines(
    {
      title: 'Model FLOPs utilisation',
      description: "Share of the GPUs' peak rate that the model's operations use.",
      unit: units.PercentUnit,
    },
    [`max(uniap_runtime_model_flops_utilisation${JOB})`, 'utilisation'],
  ),
  lines({ title: 'Tokens', description: 'A second, all GPUs together.', unit: units.Short }, [
    `max(uniap_runtime_tokens_per_second${JOB})`,
    'tokens a second',
  ]),
  lines({ title: 'Peak memory by rank', description: "Of the rank's tensors.", unit: units.BytesIEC }, [
    `max by (stage, rank) (uniap_runtime_peak_memory_bytes${JOB})`,
    'stage {{stage}} rank {{rank}}',
  ]),
  lines({ title: 'Loss', description: 'Of the last step.', unit: units.Short }, [
    `max(uniap_runtime_loss${JOB})`,
    'loss',
  ]),
];

export const jobDashboard = dashboardOf({
  uid: 'uniap-job',
  title: 'UniAP / Job',
  choices: [
    { name: 'namespace', values: 'label_values(uniap_job_state, namespace)', all: false },
    { name: 'job', values: 'label_values(uniap_job_state{namespace="$namespace"}, job)', all: false },
  ],
  rows: [
    { title: 'Plan', panels: plan },
    { title: 'Planned against actual', panels: plannedAgainstActual },
    { title: 'Inside the steps, as the pods say', panels: insideTheSteps },
  ],
});

function perSecond(metric: string): string {
  return `rate(uniap_runtime_${metric}${JOB}[$__rate_interval])`;
}

function shareOfStep(metric: string): string {
  return `sum by (stage) (${perSecond(`${metric}_sum`)}) / sum by (stage) (${perSecond('step_seconds_sum')})`;
}
