import { InternalError } from '../api/errors.ts';
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
 * searched: there must be none, but for the gap. It is quick at it, since it needs to find nothing.
 *
 * @returns for how many HiGHS proved it in the time that it had
 * @throws {InternalError} where HiGHS finds such a plan: one of the two proofs is wrong
 */
export async function confirm(problems: readonly Problem[], cutoff: number, options: ConfirmOptions): Promise<number> {
  const { solver, relativeGap, signal, secondsEach } = options;
  const started = performance.now();
  const secondsLeft = (): number => options.timeLimitSeconds - (performance.now() - started) / 1000;
  let confirmed = 0;
  for (const problem of problems) {
    const timeLimitSeconds = Math.min(secondsEach, secondsLeft());
    if (timeLimitSeconds <= 0 || signal?.aborted === true) {
      break;
    }
    const limits = { timeLimitSeconds, relativeGap, cutoff, form: 'linear' } as const;
    const { evaluation, lowerBound } = await solver.solve(problem, limits, signal);
    if (evaluation !== null) {
      throw new InternalError(
        `HiGHS found a plan of ${evaluation.value} s where none below ${cutoff} s was proved to be`,
      );
    }
    confirmed += lowerBound >= cutoff * (1 - relativeGap) ? 1 : 0;
  }
  return confirmed;
}
