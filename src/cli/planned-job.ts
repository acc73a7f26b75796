/** What the commands that plan a job have in common: read the job and the cluster, and plan. */
import { Command } from 'commander';
import { UserError } from '../api/errors.ts';
import { createSolver } from '../planner/solver/solver.ts';
import { planJob } from '../plan/plan-job.ts';
import type { Planned, PlanOutcome } from '../plan/plan-outcome.ts';
import { readCluster } from './cluster.ts';
import type { ClusterSource } from './cluster-source.ts';
import { type ResolvedJob, resolveJob } from './job.ts';

export interface PlanOptions {
  readonly nodes?: string;
  readonly config?: string;
  readonly plan?: string;
  readonly profile?: readonly string[];
}

export interface PlannedJob extends ResolvedJob {
  readonly outcome: Planned;
}

/**
 * A command that takes a job and says where the rest is read from.
 *
 * @param file - what its argument is, for people
 */
export function jobCommand(name: string, file = 'file with a TrainingJob'): Command {
  return new Command(name)
    .argument('<job>', file)
    .option('--nodes <file>', 'nodes as `kubectl get nodes -o yaml` prints them; default: the current kubeconfig')
    .option('--config <file>', 'config.json in place of the ConfigMap that the job names')
    .option('--plan <file>', 'ParallelPlan in place of the one that the job names')
    .option('--profile <files...>', 'measured ModelProfile and HardwareProfile, which count before the catalogue');
}

/**
 * @param why - they have no effect, for people
 * @throws {UserError} where one of the options is given
 */
export function refuseOptions(options: PlanOptions, names: readonly (keyof PlanOptions)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new UserError({ problem: `--${given} would not be used: ${why}`, remedy: `leave out --${given}` });
  }
}

/** @throws {UserError} where the job cannot be planned, saying what would make it fit. */
export async function planFromFiles(job: string, { nodes, ...files }: PlanOptions): Promise<PlannedJob> {
  const cluster = await readCluster(nodes);
  return planOn(cluster, await resolveJob({ job, ...files }, cluster));
}

/** @throws {UserError} as {@link planFromFiles} */
export async function planOn({ nodes, pods }: ClusterSource, resolved: ResolvedJob): Promise<PlannedJob> {
  // The second confirms plans beside the first.
  await using solver = createSolver({ threads: 2 });
  const { job, ...rest } = resolved;
  return { ...resolved, outcome: planned(await planJob({ spec: job.spec, ...rest, nodes, pods, solver })) };
}

function planned(outcome: PlanOutcome): Planned {
  switch (outcome.kind) {
    case 'planned':
      return outcome;
    case 'refused':
      throw outcome.error;
    case 'waiting':
    case 'does-not-fit':
      throw new UserError({ problem: outcome.message });
  }
}
