import { Command } from 'commander';
import { stringify } from 'yaml';
import { readDocuments } from '../api/document.ts';
import { UserError } from '../api/errors.ts';
import { parseParallelPlan, parseResource, parseTrainingJob } from '../api/parse.ts';
import { ModelProfile } from '../api/model-profile.ts';
import type { ParallelPlan } from '../api/parallel-plan.ts';
import type { TrainingJob } from '../api/training-job.ts';
import { parseConfig } from '../model/config/parse-config.ts';
import type { Model } from '../model/layer.ts';
import { RESOURCE } from '../operator/kubernetes/resources.ts';
import { basisOf, calibrate, type KnownRun } from '../plan/calibration/calibrate.ts';
import { correctionsIn } from '../plan/calibration/calibrated.ts';
import { meanError } from '../plan/calibration/corrections.ts';
import { measuredRun } from '../plan/calibration/measured-run.ts';
import { modelOf } from '../plan/job-model.ts';
import { formatCount, formatNumber, formatShare } from '../plan/units.ts';
import { namespaceOf } from './job.ts';
import { liveClient } from './live-cluster.ts';
import { readText } from './text-files.ts';

export interface CalibrateOptions {
  readonly job: readonly string[];
  readonly namespace: string;
  readonly profile?: string;
  readonly config?: string;
}

/** Jobs that have run, and plans by which they did. */
interface Runs {
  readonly jobs: readonly TrainingJob[];
  readonly plans: readonly ParallelPlan[];
}

/** `uniap calibrate`: what runs have shown, as a ModelProfile that later plans are corrected by. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      'Work out of measured steps by how much the figures are wrong that plans are made from. Prints a ModelProfile with corrections and the runs that they come from, for kubectl apply or uniap plan --profile',
    )
    .argument('[files...]', 'YAML with TrainingJobs whose status has actual, and their ParallelPlans')
    .option('-j, --job <name>', 'a TrainingJob of the current cluster; may be repeated', appended, [])
    .option('-n, --namespace <name>', 'of these jobs', 'default')
    .option('--profile <file>', 'a ModelProfile that the plans were made from, or of before, to be added to')
    .option('--config <file>', 'the config.json of a model that the jobs name by a ConfigMap')
    .action(async (files: string[], options: CalibrateOptions) => {
      const { profile, summary } = await calibrateRuns(files, options);
      process.stderr.write(`${summary}\n`);
      process.stdout.write(stringify(profile, { lineWidth: 120 }));
    });
}

function appended(name: string, before: readonly string[]): readonly string[] {
  return [...before, name];
}

/** @throws {UserError} where there is no run, or runs are not of one kind */
export async function calibrateRuns(
  files: readonly string[],
  options: CalibrateOptions,
): Promise<{ readonly profile: ModelProfile; readonly summary: string }> {
  const { jobs, plans } = await gather(files, options);
  const config =
    options.config === undefined
      ? null
      : parseConfig(await readText(options.config, 'the config.json'), options.config);
  const known = jobs.flatMap((job) => knownRun(job, plans, config) ?? []);
  const before = options.profile === undefined ? undefined : await profileIn(options.profile);
  const profile = calibrate(known, before, Date.now());
  return { profile, summary: summarize(profile) };
}

async function gather(files: readonly string[], { job: names, namespace }: CalibrateOptions): Promise<Runs> {
  const found = [
    ...(await Promise.all(files.map(async (file) => runsIn(await readText(file, 'the runs'), file)))),
    ...(names.length === 0 ? [] : [await runsInCluster(names, namespace)]),
  ];
  return { jobs: found.flatMap(({ jobs }) => jobs), plans: found.flatMap(({ plans }) => plans) };
}

function runsIn(text: string, file: string): Runs {
  const documents = readDocuments(text, file);
  return {
    jobs: documents
      .filter(({ kind }) => kind === 'TrainingJob')
      .map(({ document, locate }) => parseTrainingJob(document, locate)),
    plans: documents
      .filter(({ kind }) => kind === 'ParallelPlan')
      .map(({ document, locate }) => parseParallelPlan(document, locate)),
  };
}

async function runsInCluster(names: readonly string[], namespace: string): Promise<Runs> {
  const client = liveClient();
  const read = async (name: string): Promise<Runs> => {
    const job = await client.get(RESOURCE.trainingJob, name, namespace);
    if (job === undefined)
      throw new UserError({ problem: `there is no TrainingJob ${name} in namespace ${namespace}` });
    const { plan: summary } = job.status ?? {};
    const plan = summary && (await client.get(RESOURCE.parallelPlan, summary.name, namespace));
    return { jobs: [parseTrainingJob(job)], plans: plan === undefined ? [] : [parseParallelPlan(plan)] };
  };
  const runs = await Promise.all(names.map(read));
  return { jobs: runs.flatMap(({ jobs }) => jobs), plans: runs.flatMap(({ plans }) => plans) };
}

/** Undefined for a job that has not been measured under its plan. */
function knownRun(
  job: TrainingJob,
  plans: readonly ParallelPlan[],
  config: Readonly<Record<string, unknown>> | null,
): KnownRun | undefined {
  const { actual } = job.status ?? {};
  const plan = plans.find((each) => isPlanOf(each, job));
  if (actual === undefined || plan?.spec.device === undefined) return undefined;
  const run = measuredRun(`${namespaceOf(plan.metadata)}/${plan.metadata.name}`, plan.spec, actual);
  const subject = { model: modelOfJob(job, config), precision: job.spec.training.precision, device: plan.spec.device };
  return run && { run, subject, basis: basisOf(plan.metadata) };
}

/** Whether it is the plan that the job was measured under. */
function isPlanOf({ metadata, spec }: ParallelPlan, { metadata: ofJob, status }: TrainingJob): boolean {
  return (
    metadata.name === status?.plan?.name &&
    namespaceOf(metadata) === namespaceOf(ofJob) &&
    spec.revision === status.actual?.revision
  );
}

function modelOfJob({ metadata, spec }: TrainingJob, config: Readonly<Record<string, unknown>> | null): Model {
  const { configMap, config: inline = config } = spec.model;
  if (configMap !== undefined && inline === null) {
    throw new UserError({
      problem: `TrainingJob ${metadata.name} names its model by a ConfigMap`,
      remedy: 'give the config.json by --config FILE',
    });
  }
  return modelOf(spec, inline);
}

async function profileIn(file: string): Promise<ModelProfile> {
  const [found, another] = readDocuments(await readText(file, 'the profile'), file).filter(
    ({ kind }) => kind === 'ModelProfile',
  );
  if (found === undefined || another !== undefined) {
    throw new UserError({ source: file, problem: 'does not hold exactly one ModelProfile' });
  }
  return parseResource(ModelProfile, found.document, found.locate);
}

/** For people. */
function summarize({ spec: { corrections } }: ModelProfile): string {
  if (corrections === undefined) return '';
  const factors = correctionsIn(corrections);
  const before = meanError(corrections.runs, { computation: 1, communication: 1 });
  const after = meanError(corrections.runs, factors);
  return (
    `${formatCount(corrections.runs.length, 'run')}: step time was predicted to ${formatShare(before)} on average, and is to ` +
    `${formatShare(after)} with computation × ${formatNumber(factors.computation)}, communication × ` +
    `${formatNumber(factors.communication)}; memory × ${formatNumber(factors.memory)}`
  );
}
