import { Piscina } from 'piscina';
import type { PlanRequest } from '../../plan/plan-job.ts';
import type { PlanningResult } from './result.ts';

/** What a plan is made of: plain data, which can go to another thread. */
export type PlanningTask = Pick<
  PlanRequest,
  'spec' | 'config' | 'nodes' | 'pods' | 'reservations' | 'library' | 'corrections' | 'suppliedPlan'
>;

/** Plans jobs off the operator's own thread: reading nodes, pricing and solving may take as long as they do. */
export interface Planner extends AsyncDisposable {
  /**
   * @param signal - Ends the planning at once, whatever it is doing.
   * @throws where the planner fails, by a fault of ours
   */
  plan(task: PlanningTask, signal: AbortSignal): Promise<PlanningResult>;
}

/** The worker beside this file, as source or as compiled. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './planner-worker.ts' : './planner-worker.js',
  import.meta.url,
);

/** One thread, which has a thread of its own for the solver; neither keeps the process alive. */
export function createPlanner(): Planner {
  const pool = new Piscina<PlanningTask, PlanningResult>({
    filename: WORKER.href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Infinity,
  });
  return {
    plan: (task, signal) => pool.run(task, { signal }),
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
