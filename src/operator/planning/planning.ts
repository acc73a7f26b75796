/** Plans a job on the cluster as it is at that moment. */
import type { Logger } from 'winston';
import { UserError } from '../../api/errors.ts';
import type { PlanOutcome } from '../../plan/plan-outcome.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { JobInputs } from '../decide/state.ts';
import { otherHolders, readNodesFor } from '../free-nodes.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { TrainingJob } from '../kubernetes/custom-resources.ts';
import { planJob } from './plan-job-stub.ts';
import type { PlanningRequest } from './planning-desk.ts';
import { type Holder, reservationsOf } from './reservations.ts';
import type { PlanningResult } from './result.ts';
import { readInputs } from './read-inputs.ts';

export interface PlanningOptions {
  readonly client: KubernetesClient;
  readonly view: ClusterView;
  readonly log: Logger;
  /** Called with the seconds that a search took and what came of it. */
  readonly onSolved: (seconds: number, outcome: string) => void;
  /** Plans that are found and not recorded. */
  readonly unrecorded: () => readonly Holder[];
}

export class Planning {
  readonly #options: PlanningOptions;

  constructor(options: PlanningOptions) {
    this.#options = options;
  }

  async inputsOf(job: TrainingJob): Promise<JobInputs> {
    return readInputs(job, this.#options);
  }

  /** Never rejects: a fault of ours is a result too. */
  async plan(request: PlanningRequest, signal: AbortSignal): Promise<PlanningResult> {
    const { log, onSolved } = this.#options;
    const { namespace, name, generation, uid } = request.job.metadata;
    const start = performance.now();
    const result = await this.#solve(request, signal).catch((error: unknown): PlanningResult => {
      if (error instanceof UserError) return { kind: 'unplanned', reason: 'InvalidJob', message: error.message };
      if (!signal.aborted) {
        const stack = error instanceof Error ? error.stack : undefined;
        log.error('planning failed', { namespace, job: name, generation, uid, error: String(error), stack });
      }
      return { kind: 'unplanned', reason: 'InternalError', message: String(error) };
    });
    if (!signal.aborted) {
      onSolved((performance.now() - start) / 1000, result.kind === 'planned' ? 'Planned' : result.reason);
    }
    return result;
  }

  async #solve({ job }: PlanningRequest, signal: AbortSignal): Promise<PlanningResult> {
    const { view, unrecorded } = this.#options;
    const inputs = await this.inputsOf(job);
    if (inputs.kind !== 'ready') {
      const reason = inputs.kind === 'missing' ? 'NotFound' : 'InvalidJob';
      return { kind: 'unplanned', reason, message: inputs.message };
    }
    const { planName } = job.spec.planning;
    const supplied = planName === undefined ? undefined : view.plans.get(job.metadata.namespace, planName)?.spec;
    const holders = [...otherHolders(view, job), ...unrecorded()];
    const { nodeSelector, tolerations } = job.spec.resources;
    const selection = { nodeSelector, tolerations, reservations: reservationsOf(holders) };
    const cluster = readNodesFor(view, job, selection);
    return resultOf(await planJob({ job: job.spec, config: inputs.config, cluster, supplied }, signal), planName);
  }
}

function resultOf(outcome: PlanOutcome, planName: string | undefined): PlanningResult {
  switch (outcome.kind) {
    case 'planned':
      return { kind: 'planned', plan: outcome.plan };
    case 'waiting':
      return { kind: 'unplanned', reason: 'NotEnoughGPUs', message: outcome.message };
    case 'does-not-fit':
      return { kind: 'unplanned', reason: 'NoPlanFits', message: outcome.message };
    case 'refused': {
      const reason = planName === undefined ? 'InvalidJob' : 'PlanRefused';
      return { kind: 'unplanned', reason, message: outcome.error.message };
    }
  }
}
