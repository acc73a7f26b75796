/** The job that a command is given, with what it names: its model's config.json and a plan of a user's own. */
import { readParallelPlan, readTrainingJob } from '../api/document.ts';
import { UserError } from '../api/errors.ts';
import type { ParallelPlan, ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { TrainingJob } from '../api/training-job.ts';
import { parseConfig } from '../model/config/parse-config.ts';
import { readProfiles, type Profiles } from '../profile/measured/read-profiles.ts';
import type { NamedObjects } from './cluster-source.ts';
import { readText } from './text-files.ts';

export interface JobFiles {
  /** The TrainingJob. */
  readonly job: string;
  /** A config.json in place of the ConfigMap that the job names. */
  readonly config?: string | undefined;
  /** A ParallelPlan in place of the one that the job names. */
  readonly plan?: string | undefined;
  /** Measured profiles. */
  readonly profile?: readonly string[] | undefined;
}

export interface ResolvedJob {
  readonly job: TrainingJob;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly suppliedPlan?: ParallelPlanSpec;
  readonly profiles?: Profiles;
}

/** @throws {UserError} where the job is not valid, or something that it names is not there. */
export async function resolveJob(files: JobFiles, objects: NamedObjects): Promise<ResolvedJob> {
  const { job, config } = await readJob(files, objects);
  const suppliedPlan = await planOf(job, files.plan, objects);
  const profiles = files.profile && { profiles: await profilesIn(files.profile) };
  return { job, config, ...(suppliedPlan && { suppliedPlan }), ...profiles };
}

/** The job with its config.json alone; otherwise as {@link resolveJob}. */
export async function readJob(
  files: Omit<JobFiles, 'plan'>,
  objects: NamedObjects,
): Promise<Omit<ResolvedJob, 'suppliedPlan'>> {
  const job = readTrainingJob(await readText(files.job, 'the job'), files.job);
  return { job, config: await configOf(job, files.config, objects) };
}

async function configOf(
  { metadata, spec: { model } }: TrainingJob,
  file: string | undefined,
  objects: NamedObjects,
): Promise<ResolvedJob['config']> {
  if (model.configMap === undefined) {
    refuseUnused('--config', file, 'spec.model.configMap');
    return model.config ?? null;
  }
  const { name, key } = model.configMap;
  const text =
    file === undefined
      ? (await objects.configMap(name, namespaceOf(metadata)))?.[key]
      : await readText(file, 'the config.json');
  if (text === undefined) {
    throw new UserError({
      field: 'spec.model.configMap',
      problem: `no ConfigMap ${name} with key ${key} in namespace ${namespaceOf(metadata)} can be read`,
      remedy: 'give the config.json by --config FILE',
    });
  }
  return parseConfig(text, file ?? `ConfigMap ${name}, key ${key}`);
}

async function planOf(
  { metadata, spec: { planning } }: TrainingJob,
  file: string | undefined,
  objects: NamedObjects,
): Promise<ParallelPlanSpec | undefined> {
  const { planName } = planning;
  if (planName === undefined) {
    refuseUnused('--plan', file, 'spec.planning.planName');
    return undefined;
  }
  const plan = file === undefined ? await objects.parallelPlan(planName, namespaceOf(metadata)) : await readPlan(file);
  if (plan === undefined) {
    throw new UserError({
      field: 'spec.planning.planName',
      problem: `no ParallelPlan ${planName} in namespace ${namespaceOf(metadata)} can be read`,
      remedy: 'give it by --plan FILE',
    });
  }
  return plan.spec;
}

/** @throws {UserError} where the file holds no valid ParallelPlan */
export async function readPlan(file: string): Promise<ParallelPlan> {
  return readParallelPlan(await readText(file, 'the plan'), file);
}

async function profilesIn(files: readonly string[]): Promise<Profiles> {
  return readProfiles(
    await Promise.all(files.map(async (file) => ({ file, text: await readText(file, 'the profile') }))),
  );
}

/** A file in place of an object that the job does not name would be ignored. */
function refuseUnused(option: string, file: string | undefined, field: string): void {
  if (file !== undefined) {
    throw new UserError({
      problem: `${option} ${file} would not be used: the job has no ${field}`,
      remedy: `leave out ${option}, or name an object there`,
    });
  }
}

/** The namespace of a job that names none. */
export function namespaceOf({ namespace }: { readonly namespace?: string | undefined }): string {
  return namespace ?? 'default';
}
