import { type Command, Option } from 'commander';
import { createSolver } from '../planner/solver/solver.ts';
import { describeExplanation } from '../plan/explain/describe.ts';
import { explain } from '../plan/explain/explain.ts';
import type { Explanation } from '../plan/explain/explanation.ts';
import { nonNegativeNumber } from './numbers.ts';
import { jobCommand, planFromFiles, type PlannedJob, type PlanOptions } from './planned-job.ts';
import { reportOption, writeReport } from './report.ts';

interface ExplainOptions extends PlanOptions {
  readonly output: 'text' | 'json';
  readonly timeLimit: number;
  readonly report?: string;
}

/** `uniap explain JOB`: why the plan is as it is. */
export function explainCommand(): Command {
  return jobCommand('explain')
    .description('Plan a job and say what limits the plan, what other hardware would change, and what comes next to it')
    .addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json']).default('text'))
    .option('--time-limit <seconds>', 'for all that is planned anew to explain the plan', nonNegativeNumber, 60)
    .addOption(reportOption())
    .action(async (file: string, { output, timeLimit, report, ...options }: ExplainOptions) => {
      const planned = await planFromFiles(file, options);
      const explanation = await explainPlanned(planned, timeLimit);
      if (report !== undefined) await writeReport(report, planned, explanation);
      process.stdout.write(
        output === 'json' ? `${JSON.stringify(explanation, undefined, 2)}\n` : describeExplanation(explanation),
      );
    });
}

/** @param timeLimitSeconds - for all that is planned anew */
export async function explainPlanned({ outcome }: PlannedJob, timeLimitSeconds: number): Promise<Explanation> {
  await using solver = createSolver();
  return await explain(outcome, { solver, timeLimitSeconds });
}
