import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../api/errors.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import { ENGINES } from '../api/planning.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { engineFiles } from '../plan/engine-files.ts';
import type { EngineFile } from '../plan/engines/engine.ts';
import { modelOf } from '../plan/job-model.ts';
import { checkPlan } from '../plan/supplied-plan.ts';
import { NO_OBJECTS, readCluster } from './cluster.ts';
import { readJob, readPlan, resolveJob, type ResolvedJob } from './job.ts';
import { jobCommand, planOn, refuseOptions, type PlanOptions } from './planned-job.ts';

type Engine = TrainingJobSpec['planning']['engine'];

interface ExportOptions extends PlanOptions {
  readonly engine?: Engine;
  readonly output?: string;
}

/** `uniap export JOB`: the plan as its engine's own files and flags. */
export function exportCommand(): Command {
  const engines = ENGINES.filter((engine) => engine !== 'uniap');
  return jobCommand('export')
    .description(
      "Plan a job for its engine, or take a plan by --plan as it is, and print the plan as the engine's own files and flags",
    )
    .addOption(new Option('--engine <engine>', "default: the job's planning.engine").choices(engines))
    .option('-o, --output <folder>', 'write the files there instead of printing them')
    .action(async (file: string, { output, ...options }: ExportOptions) => {
      const files = await exportPlan(file, options);
      process.stdout.write(output === undefined ? print(files) : await write(files, output));
    });
}

async function exportPlan(file: string, options: Omit<ExportOptions, 'output'>): Promise<readonly EngineFile[]> {
  const { job, config, plan } = options.plan === undefined ? await planned(file, options) : await given(file, options);
  return engineFiles(job.spec, plan, config);
}

interface ExportedJob extends Omit<ResolvedJob, 'suppliedPlan'> {
  readonly plan: ParallelPlanSpec;
}

async function planned(job: string, { nodes, engine, ...files }: ExportOptions): Promise<ExportedJob> {
  const cluster = await readCluster(nodes);
  const resolved = withEngine(await resolveJob({ job, ...files }, cluster), engine);
  const { outcome } = await planOn(cluster, resolved);
  return { ...resolved, plan: outcome.plan };
}

/** A plan in a file needs no nodes: it is not priced. */
async function given(job: string, { plan = '', config, engine, ...others }: ExportOptions): Promise<ExportedJob> {
  refuseOptions(others, ['nodes', 'profile'], 'a plan by --plan is taken as it is, and not priced');
  const read = withEngine(await readJob({ job, config }, NO_OBJECTS), engine);
  const { spec } = await readPlan(plan);
  checkPlan(spec, { spec: read.job.spec, model: modelOf(read.job.spec, read.config) });
  return { ...read, plan: spec };
}

function withEngine<Read extends Pick<ResolvedJob, 'job'>>(read: Read, wanted: Engine | undefined): Read {
  const { job } = read;
  const { planning } = job.spec;
  const engine = wanted ?? planning.engine;
  if (engine === 'uniap') {
    throw new UserError({
      field: 'spec.planning.engine',
      problem: 'the job is for an engine that reads its plan from plan.json, as `uniap plan -o json` prints it',
      remedy: `name an engine by --engine: ${ENGINES.filter((each) => each !== 'uniap').join(', ')}`,
    });
  }
  return { ...read, job: { ...job, spec: { ...job.spec, planning: { ...planning, engine } } } };
}

/** Each file under its name, as head(1) prints several. */
function print(files: readonly EngineFile[]): string {
  return files.map(({ name, content }) => `==> ${name} <==\n${content}`).join('\n');
}

/** The names of the files written. */
async function write(files: readonly EngineFile[], folder: string): Promise<string> {
  const written = files.map(({ name, content }) => ({ path: join(folder, name), content }));
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(written.map(({ path, content }) => writeFile(path, content)));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UserError({ source: folder, problem: `cannot write the files: ${message}`, cause });
  }
  return written.map(({ path }) => `${path}\n`).join('');
}
