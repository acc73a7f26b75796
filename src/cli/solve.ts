import { Command } from 'commander';
import { UserError } from '../api/errors.ts';
import { type NamedInstance, problemOf, readInstances } from '../planner/instance.ts';
import type { SolveStatus } from '../planner/problem.ts';
import { search } from '../planner/search.ts';
import { createSolver, type Solver } from '../planner/solver/solver.ts';
import { nonNegativeNumber, shareBelowOne } from './numbers.ts';
import { readText } from './text-files.ts';

/** One entry of the answer. Times are in the instance's own unit; `seconds` is how long planning took. */
export interface SolvedInstance {
  readonly name: string;
  /** `feasible`: a plan not proved within the gap. `unknown`: out of time without a plan. */
  readonly status: SolveStatus;
  /** null where there is no plan. */
  readonly value: number | null;
  /** Proved for every plan; null where there can be none. */
  readonly lowerBound: number | null;
  /** Stage of each layer. */
  readonly placement: readonly number[];
  /** Strategy of each layer, an index into its `time`. */
  readonly strategy: readonly number[];
  readonly seconds: number;
}

export interface SolveInstancesOptions {
  /** For each instance. */
  readonly timeLimitSeconds: number;
  readonly relativeGap: number;
}

/**
 * Solves every instance of a file, in its order.
 *
 * @throws {UserError} where the file is not an array of `{name, instance}`
 */
export async function solve(file: string, options: SolveInstancesOptions): Promise<SolvedInstance[]> {
  const instances = instancesOf(parse(await readText(file, 'the instances'), file), file);
  await using solver = createSolver();
  const solved: SolvedInstance[] = [];
  for (const instance of instances) {
    solved.push(await solveInstance(instance, solver, options));
  }
  return solved;
}

/** `uniap solve FILE`. */
export function solveCommand(): Command {
  return new Command('solve')
    .description(
      'Solve planning instances given as tables, and print the plans as JSON; status: optimal, feasible (out of time, with its gap), infeasible or unknown (out of time without a plan)',
    )
    .argument('<file>', 'JSON array of {name, instance}')
    .option('--time-limit <seconds>', 'seconds for each instance', nonNegativeNumber, 300)
    .option('--gap <ratio>', '(value − lower bound) / value at which a plan counts as optimal', shareBelowOne, 1e-7)
    .action(async (file: string, { timeLimit, gap }: { readonly timeLimit: number; readonly gap: number }) => {
      const solved = await solve(file, { timeLimitSeconds: timeLimit, relativeGap: gap });
      process.stdout.write(`${JSON.stringify(solved, undefined, 2)}\n`);
    });
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new UserError({ source: file, problem, cause });
  }
}

/** An error in an instance says in which file it is. */
function instancesOf(document: unknown, file: string): readonly NamedInstance[] {
  try {
    return readInstances(document);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { problem, remedy, field } = error;
    throw new UserError({ source: file, field, problem, remedy, cause: error });
  }
}

async function solveInstance(
  named: NamedInstance,
  solver: Solver,
  options: SolveInstancesOptions,
): Promise<SolvedInstance> {
  const { pipelineDegree: stages, microBatches } = named.instance;
  const space = { candidates: [{ stages, microBatches }], problem: () => problemOf(named) };
  const { status, value, lowerBound, assignment, seconds } = await search(space, { solver, ...options });
  return {
    name: named.name,
    status,
    value: assignment === null ? null : value,
    lowerBound: Number.isFinite(lowerBound) ? lowerBound : null,
    placement: assignment?.placement ?? [],
    strategy: assignment?.strategy ?? [],
    seconds,
  };
}
