/**
 * Where jobs get their plans: one at a time, the oldest first, so that no two are planned on the same free GPUs. A result
 * stays here, and holds its GPUs, until the job's reconcile has recorded it in a ParallelPlan or has no more use for it.
 */
import type { PlannedNode } from '../../api/parallel-plan.ts';
import { canonicalJson } from '../decide/canonical-json.ts';
import type { PlanningState, ReadyInputs } from '../decide/state.ts';
import type { TrainingJob } from '../kubernetes/custom-resources.ts';
import { byAge, type Holder } from './reservations.ts';
import type { PlanningResult } from './result.ts';

/** What a job is planned by: the job and what it names as they were when it asked. */
export interface PlanningRequest {
  readonly job: TrainingJob;
  /** Digest of what a plan depends on: the job and what it names. */
  readonly digest: string;
  readonly inputs: ReadyInputs;
}

export interface PlanningDeskOptions {
  /** Finds a plan; never rejects. The signal aborts when nobody wants it any more. */
  readonly plan: (request: PlanningRequest, signal: AbortSignal) => Promise<PlanningResult>;
  /** Called with the key of a job whose result has changed. */
  readonly onResult: (key: string) => void;
}

interface Entry {
  readonly request: PlanningRequest;
  readonly abort: AbortController;
  readonly state: PlanningState;
  /** To be planned, for the first time or again. */
  readonly isDue: boolean;
  /** The cluster changed while the search was under way. */
  readonly isOutdated: boolean;
  /** What the plan before held: it is held on until there is another answer. */
  readonly claim: readonly PlannedNode[];
}

export class PlanningDesk {
  readonly #options: PlanningDeskOptions;
  readonly #entries = new Map<string, Entry>();
  #isWorking = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: PlanningDeskOptions) {
    this.#options = options;
  }

  /** Jobs that wait to be planned. */
  get depth(): number {
    return [...this.#entries.values()].filter(({ isDue }) => isDue).length;
  }

  /** What is known for a job as it is written now. */
  stateOf(key: string, request: PlanningRequest): PlanningState {
    const entry = this.#entries.get(key);
    return entry !== undefined && isSame(entry.request, request) ? entry.state : { kind: 'idle' };
  }

  start(key: string, request: PlanningRequest): void {
    const before = this.#entries.get(key);
    const claim = before?.request.job.metadata.uid === request.job.metadata.uid ? claimOf(before) : [];
    this.discard(key);
    const abort = new AbortController();
    this.#entries.set(key, { request, abort, state: { kind: 'solving' }, isDue: true, isOutdated: false, claim });
    this.#work();
  }

  discard(key: string): void {
    this.#entries.get(key)?.abort.abort();
    this.#entries.delete(key);
  }

  /**
   * Plans again the jobs that could not be planned; until then the reason stands. Every reason may be gone, since all are
   * found on the nodes that were free: a larger GPU comes free, or a node says of what kind its GPUs are.
   */
  retry(): void {
    for (const [key, entry] of this.#entries) {
      const { kind } = entry.state;
      this.#entries.set(key, { ...entry, isOutdated: true, isDue: entry.isDue || kind === 'unplanned' });
    }
    this.#work();
  }

  /** Plans that are found and not recorded, which hold their GPUs all the same. */
  unrecorded(): readonly Omit<Holder, 'pods'>[] {
    return [...this.#entries.values()].flatMap((entry) => {
      const nodes = claimOf(entry);
      return nodes.length === 0 ? [] : [{ job: entry.request.job, revision: 0, nodes }];
    });
  }

  /** Gives everything up, and resolves when the search that was under way has ended. */
  async stop(): Promise<void> {
    for (const key of this.#entries.keys()) this.discard(key);
    await this.#working;
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#working = this.#workThrough();
  }

  async #workThrough(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [key, entry] = next;
      this.#entries.set(key, { ...entry, isDue: false, isOutdated: false });
      const state = await this.#options.plan(entry.request, entry.abort.signal);
      const present = this.#entries.get(key);
      if (present === undefined || entry.abort.signal.aborted) continue;
      this.#entries.set(key, {
        ...present,
        state,
        claim: [],
        isDue: present.isDue || (present.isOutdated && state.kind === 'unplanned'),
      });
      this.#options.onResult(key);
    }
    this.#isWorking = false; // in the same breath as nothing was left, so that no later start is missed
  }

  #next(): [string, Entry] | undefined {
    const due = [...this.#entries].filter(([, { isDue }]) => isDue);
    return due.sort(([, a], [, b]) => byAge(a.request.job, b.request.job))[0];
  }
}

function claimOf({ state, claim }: Entry): readonly PlannedNode[] {
  return state.kind === 'planned' ? (state.plan.nodes ?? []) : claim;
}

function isSame(a: PlanningRequest, b: PlanningRequest): boolean {
  const identity = ({ job, digest, inputs }: PlanningRequest) => [job.metadata.uid, digest, inputs];
  return canonicalJson(identity(a)) === canonicalJson(identity(b));
}
