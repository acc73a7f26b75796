/** One look at one job: observe, decide, carry out. */
import type { Logger } from 'winston';
import { applyObjects, type Actor, keepLesson, RefusedError, reportStatus } from './carry-out.ts';
import { decide, decideAfterRefusal } from './decide/decide.ts';
import type { Decision } from './decide/decision.ts';
import type { JobState } from './decide/state.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { TrainingJob } from './kubernetes/custom-resources.ts';
import { Mutex } from './mutex.ts';
import { observe, type Sources } from './observe.ts';

export interface ReconcilerOptions extends Sources {
  readonly client: KubernetesClient;
  readonly log: Logger;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #starting = new Mutex();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /**
   * Brings a job one step on.
   *
   * @param key - `NAMESPACE/NAME`.
   * @returns after how many seconds to look again even if nothing changes.
   * @throws where a request failed or an object was refused: the job is to be looked at again.
   */
  async reconcile(key: string): Promise<number | undefined> {
    const { view, desk, profiles } = this.#options;
    const job = view.jobs.get(...namespaceAndName(key));
    if (job === undefined) {
      desk.discard(key);
      profiles.discard(key);
      return undefined;
    }
    const state = await observe(key, job, this.#options);
    const decision = decide(state);
    const startsGang = state.pods.length === 0 && decision.apply.some(({ kind }) => kind === 'Pod');
    if (startsGang) return this.#starting.run(() => this.#startGang(key, job));
    return this.#carryOut(key, state, decision);
  }

  /**
   * Observes and decides again before the first pod of a gang is made: by the pods that really are there, since a watch may
   * be late, and by what gangs that have started meanwhile hold. Gangs start one at a time, so that no two take the same GPUs
   * between the look at free nodes, which comes last, and the making of pods.
   */
  async #startGang(key: string, job: TrainingJob): Promise<number | undefined> {
    const { view } = this.#options;
    const listed = await view.listPodsOf(job);
    const present = view.jobs.get(...namespaceAndName(key));
    if (present?.metadata.uid !== job.metadata.uid) return undefined; // that it went puts the key in the queue again
    const state = { ...(await observe(key, present, this.#options)), ...listed };
    return this.#carryOut(key, state, decide(state));
  }

  /** @returns after how many seconds to look again even if nothing changes. */
  async #carryOut(key: string, state: JobState, decision: Decision): Promise<number | undefined> {
    const { job, digest, inputs } = state;
    const actor = this.#actorFor(job);
    log(decision, actor.log);
    try {
      await applyObjects(decision, job, actor);
    } catch (error) {
      if (error instanceof RefusedError) await reportStatus(decideAfterRefusal(state, error.message), job, actor);
      throw error;
    }
    const { desk, profiles } = this.#options;
    if (decision.planning === 'start' && inputs.kind === 'ready') desk.start(key, { job, digest, inputs });
    if (decision.planning === 'discard') desk.discard(key);
    if (decision.readProfileFrom === undefined) profiles.discard(key);
    else profiles.read(key, decision.readProfileFrom, job.spec.monitoring.port);
    await keepLesson(decision, job, actor);
    await reportStatus(decision, job, actor);
    return decision.requeueAfterSeconds;
  }

  #actorFor({ metadata }: TrainingJob): Actor {
    const { client, view, log } = this.#options;
    const { namespace, name, generation, uid } = metadata;
    return {
      client,
      put: (object) => {
        view.put(object);
      },
      log: log.child({ namespace, job: name, generation, uid }),
    };
  }
}

function log(decision: Decision, to: Logger): void {
  const { apply, planning, status, events } = decision;
  const message = events.map(({ reason, message: text }) => `${reason}: ${text}`).join(' ');
  if (message !== '') to.info(message, { state: status?.state });
  to.debug('decided', {
    apply: apply.length,
    delete: decision.delete.length,
    planning,
    writesStatus: status !== undefined,
  });
}

function namespaceAndName(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}
