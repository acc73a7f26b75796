import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { describePlan } from '../plan/describe.ts';
import { buildParallelPlan } from '../plan/parallel-plan.ts';
import { UID_BEFORE_CREATION } from '../plan/manifests.ts';
import { explainPlanned } from './explain.ts';
import { namespaceOf } from './job.ts';
import { jobCommand, planFromFiles, type PlanOptions, type PlannedJob } from './planned-job.ts';
import { reportOption, writeReport } from './report.ts';

const FORMATS = ['text', 'json', 'yaml'] as const;
type Format = (typeof FORMATS)[number];

interface PrintOptions extends PlanOptions {
  readonly output: Format;
  readonly report?: string;
}

/** For what a report says of other plans; `uniap explain` takes more. */
const EXPLAIN_SECONDS = 30;

/** `uniap plan JOB`: the plan, for people or as a ParallelPlan. */
export function planCommand(): Command {
  return jobCommand('plan')
    .description('Plan a job and print the plan with its proof; exit code 1 where no plan fits')
    .addOption(new Option('-o, --output <format>', 'what to print').choices(FORMATS).default('text'))
    .addOption(reportOption())
    .action(async (file: string, { output, report, ...options }: PrintOptions) => {
      const planned = await planFromFiles(file, options);
      if (report !== undefined) await writeReport(report, planned, await explainPlanned(planned, EXPLAIN_SECONDS));
      process.stdout.write(print(planned, output));
    });
}

function print(planned: PlannedJob, format: Format): string {
  switch (format) {
    case 'text':
      return text(planned);
    case 'json':
      return `${JSON.stringify(planObject(planned), undefined, 2)}\n`;
    case 'yaml':
      return stringify(planObject(planned));
  }
}

function text({ outcome: { plan, excluded } }: PlannedJob): string {
  const left = excluded.map(({ name, reason }) => `  ${name}: ${reason}\n`);
  return `${describePlan(plan)}${left.length === 0 ? '' : `\nnodes left out\n${left.join('')}`}`;
}

function planObject({ job: { metadata, spec }, outcome: { plan } }: PlannedJob) {
  const job = { name: metadata.name, namespace: namespaceOf(metadata), uid: UID_BEFORE_CREATION, spec };
  const {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...rest
  } = buildParallelPlan(job, 1, plan);
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}
