/** The option `--report` of the commands that plan a job. */
import { Option } from 'commander';
import type { Explanation } from '../plan/explain/explanation.ts';
import { priceOfPlan } from '../plan/supplied-plan.ts';
import type { PlannedJob } from './planned-job.ts';
import { writeText } from './text-files.ts';

export function reportOption(): Option {
  return new Option('--report <file>', 'write a page about the plan, which explains it with drawings (HTML)');
}

/** @throws {UserError} where the file cannot be written */
export async function writeReport(file: string, planned: PlannedJob, explanation: Explanation): Promise<void> {
  const { job, outcome } = planned;
  const { plan, site, log } = outcome;
  // Drawing takes longer to load than all else, and few ask for it.
  const { reportPage } = await import('../plan/report/page.ts');
  const page = reportPage({ name: job.metadata.name, plan, site, price: priceOfPlan(site, plan), log, explanation });
  await writeText(file, 'the report', page);
}
