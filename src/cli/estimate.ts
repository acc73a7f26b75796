import { UserError } from '../api/errors.ts';
import { priceOf } from '../cost/price.ts';
import { describeComparison } from '../estimate/compare.ts';
import { estimateRun, type Estimate } from '../estimate/estimate-run.ts';
import { handMade } from '../estimate/hand-made.ts';
import { priceOfPlan } from '../plan/supplied-plan.ts';
import { summarizePlan } from '../plan/summary.ts';
import type { Command } from 'commander';
import { jobCommand, planFromFiles, refuseOptions, type PlanOptions } from './planned-job.ts';
import { readText } from './text-files.ts';

/** `uniap estimate FILE`: what given configurations would take, by the planner's own costs. */
export function estimateCommand(): Command {
  return jobCommand('estimate', 'JSON file of published runs; with --set, file with a TrainingJob')
    .description(
      'Estimate step time and memory by the costs that plans are made by: of the published runs of a JSON file, from the catalogue alone, or, with --set, of a layout by hand for a job, beside our plan for it',
    )
    .option(
      '--set <degrees>',
      'layout by hand, as pipeline=4,tensor=2,data=2,shards=4,zero=3,microBatches=16,recomputation=Full; also virtualStages, sequenceParallel; what is not named is 1, None, zero 3, and data the GPUs that are left',
    )
    .action(async (file: string, { set, ...options }: PlanOptions & { readonly set?: string }) => {
      await (set === undefined ? printEstimates(file, options) : printComparison(file, set, options));
    });
}

/** @throws {UserError} where not one run could be priced, after saying why of each */
async function printEstimates(file: string, options: PlanOptions): Promise<void> {
  refuseOptions(
    options,
    ['nodes', 'config', 'plan', 'profile'],
    'runs are estimated from what they say, and the catalogue',
  );
  const estimates = await estimateRuns(file);
  process.stdout.write(`${JSON.stringify(estimates, undefined, 2)}\n`);
  if (!estimates.some(({ stepTimeSeconds }) => stepTimeSeconds !== null)) {
    throw new UserError({
      source: file,
      problem: estimates.length === 0 ? 'there are no runs in it' : 'none of its runs can be priced',
      ...(estimates.length > 0 && { remedy: 'each says its reason' }),
    });
  }
}

/**
 * One entry a run, in their order.
 *
 * @throws {UserError} where the file is not a JSON array
 */
export async function estimateRuns(file: string): Promise<readonly Estimate[]> {
  const runs = parse(await readText(file, 'the runs'), file);
  if (!Array.isArray(runs)) {
    throw new UserError({ source: file, problem: 'not an array of runs', remedy: 'for a job, name a layout by --set' });
  }
  return runs.map((run: unknown) => estimateRun(run));
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError({
      source: file,
      problem: cause instanceof Error ? cause.message : String(cause),
      remedy: 'give a JSON array of runs; for a job, name a layout by --set',
      cause,
    });
  }
}

async function printComparison(file: string, set: string, options: PlanOptions): Promise<void> {
  const { outcome } = await planFromFiles(file, options);
  const { plan, site } = outcome;
  const { candidate, layout } = handMade(set, site.workload);
  const ours = { name: summarizePlan(plan), price: priceOfPlan(site, plan) };
  process.stdout.write(describeComparison(set, priceOf(site.workload, candidate, layout), ours));
}
