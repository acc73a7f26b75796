/** Plans a job on the cluster as it is at that moment. */
import type { Logger } from 'winston';
import { NO_CORRECTIONS } from '../../cost/corrections.ts';
import type { ClusterView } from '../cluster-view.ts';
import { clusterFor, otherHolders } from '../free-nodes.ts';
import { libraryFor } from '../profiling/library.ts';
import type { Planner } from './planner.ts';
import type { PlanningRequest } from './planning-desk.ts';
import type { Holder } from './reservations.ts';
import type { PlanningResult } from './result.ts';

export interface PlanningOptions {
  readonly view: ClusterView;
  readonly planner: Planner;
  readonly log: Logger;
  /** Called with the seconds that a search took and what came of it. */
  readonly onSolved: (seconds: number, outcome: string) => void;
  /** Plans that are found and not recorded. */
  readonly unrecorded: () => readonly Omit<Holder, 'pods'>[];
}

export class Planning {
  readonly #options: PlanningOptions;

  constructor(options: PlanningOptions) {
    this.#options = options;
  }

  /** Never rejects: a fault of ours is a result too. */
  async plan(request: PlanningRequest, signal: AbortSignal): Promise<PlanningResult> {
    const start = performance.now();
    const result = await this.#solve(request, signal).catch((error: unknown): PlanningResult => {
      if (!signal.aborted) this.#logFailure(request, error);
      return { kind: 'unplanned', reason: 'InternalError', message: messageOf(error) };
    });
    if (!signal.aborted) {
      const outcome = result.kind === 'planned' ? 'Planned' : result.reason;
      this.#options.onSolved((performance.now() - start) / 1000, outcome);
    }
    return result;
  }

  async #solve({ job, inputs }: PlanningRequest, signal: AbortSignal): Promise<PlanningResult> {
    const { view, planner, unrecorded } = this.#options;
    const { config, suppliedPlan, memoryFactor } = inputs;
    const cluster = clusterFor(view, job, otherHolders(view, job, unrecorded()));
    const library = libraryFor(job, { models: view.modelProfiles.list(), hardware: view.hardwareProfiles.list() });
    const optional = {
      ...(library && { library }),
      ...(memoryFactor !== undefined && { corrections: { ...NO_CORRECTIONS, memory: memoryFactor } }),
      ...(suppliedPlan && { suppliedPlan }),
    };
    return planner.plan({ spec: job.spec, config, ...cluster, ...optional }, signal);
  }

  #logFailure({ job }: PlanningRequest, error: unknown): void {
    const { namespace, name, generation, uid } = job.metadata;
    const stack = error instanceof Error ? error.stack : undefined;
    this.#options.log.error('planning failed', {
      namespace,
      job: name,
      generation,
      uid,
      error: messageOf(error),
      stack,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
