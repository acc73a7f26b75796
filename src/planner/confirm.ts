import { InternalError } from '../api/errors.ts';
import { range } from './at.ts';
import type { Problem } from './problem.ts';
import type { Solver } from './solver/solver.ts';

export interface ConfirmOptions {
  readonly solver: Solver;
  /** For all problems together. */
  readonly timeLimitSeconds: number;
  /** For each of them, so that a hard one leaves time for others. */
  readonly secondsEach: number;
  readonly relativeGap: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks HiGHS, which shares no line with the stage-wise search, for a plan below `cutoff` in each of the problems that were
 * searched: there must be none, but for the gap. It is quick at it, since it needs to find nothing. As many problems are
 * under way at once as the solver has threads.
 *
 * @returns for how many HiGHS proved it in the time that it had
 * @throws {InternalError} where HiGHS finds such a plan: one of the two proofs is wrong
 */
export async function confirm(problems: readonly Problem[], cutoff: number, options: ConfirmOptions): Promise<number> {
  const { solver, secondsEach, signal } = options;
  const started = performance.now();
  const waiting = problems.values();
  let confirmed = 0;
  const work = async (): Promise<void> => {
    for (const problem of waiting) {
      const secondsLeft = options.timeLimitSeconds - (performance.now() - started) / 1000;
      if (secondsLeft <= 0 || signal?.aborted === true) {
        return;
      }
      const timeLimitSeconds = Math.min(secondsEach, secondsLeft);
      if (await hasNothingBelow(cutoff, problem, { ...options, timeLimitSeconds })) {
        confirmed += 1;
      }
    }
  };
  await Promise.all(range(0, solver.threads).map(work));
  return confirmed;
}

/** Whether HiGHS proved it in the time limit. */
async function hasNothingBelow(
  cutoff: number,
  problem: Problem,
  { solver, timeLimitSeconds, relativeGap, signal }: ConfirmOptions,
): Promise<boolean> {
  const limits = { timeLimitSeconds, relativeGap, cutoff, fits: true, form: 'linear' } as const;
  const { evaluation, lowerBound } = await solver.solve(problem, limits, signal);
  if (evaluation !== null) {
    throw new InternalError(
      `HiGHS found a plan of ${evaluation.value} s where none below ${cutoff} s was proved to be`,
    );
  }
  return lowerBound >= cutoff * (1 - relativeGap);
}
