import { Piscina } from 'piscina';
import { InternalError } from '../../api/errors.ts';
import type { Problem, SolveResult } from '../problem.ts';
import type { SolveLimits } from '../solve-problem.ts';
import type { SolveReply, SolveTask } from './worker.ts';

/** Solves problems off the caller's thread. */
export interface Solver extends AsyncDisposable {
  /** Solves that may run at once. */
  readonly threads: number;
  /**
   * A worker that crashes or is stuck costs this solve alone: it answers `unknown` with the `failure`.
   *
   * @param signal ends the solve at once, whatever it is doing
   * @throws {InternalError} where the checker rejects a plan
   */
  solve(problem: Problem, limits: SolveLimits, signal?: AbortSignal): Promise<SolveResult>;
}

export interface SolverOptions {
  /** Solves that may run at once; 1 unless said otherwise. */
  readonly threads?: number;
  /** The worker's module; another one only to see what a broken worker does. */
  readonly worker?: URL;
  /** Seconds beyond its time limit after which a worker is taken to be stuck, and is ended. */
  readonly graceSeconds?: number;
}

/** The worker beside this file, as source or as compiled. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** A pool of worker threads with a warm HiGHS each. Idle workers do not keep the process alive. */
export function createSolver({ threads = 1, worker = WORKER, graceSeconds = 10 }: SolverOptions = {}): Solver {
  const pool = new Piscina<SolveTask, SolveReply>({
    filename: worker.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Infinity,
    // The WebAssembly memory of HiGHS lies outside; this bounds what JavaScript takes.
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
  });
  return {
    threads,
    solve: (problem, limits, signal) => {
      const stuck = AbortSignal.timeout(Math.ceil((limits.timeLimitSeconds + graceSeconds) * 1000));
      const ended = signal === undefined ? stuck : AbortSignal.any([stuck, signal]);
      return solveIn(pool, { problem, limits }, ended);
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

async function solveIn(
  pool: Piscina<SolveTask, SolveReply>,
  task: SolveTask,
  ended: AbortSignal,
): Promise<SolveResult> {
  const started = performance.now();
  let reply: SolveReply;
  try {
    reply = await pool.run(task, { signal: ended });
  } catch (error) {
    return {
      status: 'unknown',
      assignment: null,
      evaluation: null,
      lowerBound: -Infinity,
      form: 'none',
      solverNodes: 0,
      seconds: (performance.now() - started) / 1000,
      failure: error instanceof Error ? error.message : String(error),
    };
  }
  if ('internalError' in reply) {
    throw new InternalError(reply.internalError);
  }
  return reply.result;
}
