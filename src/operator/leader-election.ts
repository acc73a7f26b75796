/**
 * One of several replicas leads, by a Lease that it renews. As in client-go, no clocks are compared: a replica takes over
 * when it has not seen the Lease change for the Lease's duration by its own clock, and the leader stops by itself, sooner
 * than that, when it could not renew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'winston';
import { ApiError } from './kubernetes/api-error.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { Lease } from './kubernetes/core-resources.ts';
import { RESOURCE } from './kubernetes/resources.ts';

/** Seconds, as client-go's defaults: a Lease lasts longer than its holder tries to renew it, so that two never lead. */
export interface LeaseTimes {
  readonly lease: number;
  readonly renew: number;
  readonly retry: number;
}

export const LEASE_TIMES: LeaseTimes = { lease: 15, renew: 10, retry: 2 };

export interface LeaderElectionOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly name: string;
  /** Different for every replica and every start of it. */
  readonly identity: string;
  readonly times?: LeaseTimes;
  readonly log: Logger;
}

/** What was last seen of the Lease, and when by our own clock (milliseconds). */
interface Sighting {
  readonly version: string | undefined;
  readonly at: number;
}

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaseTimes;
  #sighting: Sighting = { version: undefined, at: 0 };

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? LEASE_TIMES;
  }

  /**
   * Waits to be the leader, then runs `lead` until the signal aborts or leadership is lost; the signal that `lead` is
   * given aborts in both cases. The Lease is given up when `lead` has returned.
   *
   * @returns `lost` when another may lead soon: the caller must end the process at once, whatever `lead` is still at.
   * `stopped` otherwise.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<'lost' | 'stopped'> {
    const { log, identity } = this.#options;
    log.info('waiting to be the leader', { identity });
    while (!(await this.#tryToHold())) {
      await pause(this.#times.retry, signal);
      if (signal.aborted) return 'stopped';
    }

    log.info('leading', { identity });
    const lost = new AbortController();
    const ended = new AbortController();
    const renewing = this.#keep(ended.signal, lost);
    try {
      await Promise.race([lead(AbortSignal.any([signal, lost.signal])), aborted(lost.signal)]);
    } finally {
      ended.abort();
      await renewing;
    }
    if (lost.signal.aborted) return 'lost';
    await this.#release();
    return 'stopped';
  }

  /** Renews until ended, even while the leader is finishing its work; gives up when it was not possible for too long. */
  async #keep(ended: AbortSignal, lost: AbortController): Promise<void> {
    const giveUp = () => {
      this.#options.log.error('lost the lease', { identity: this.#options.identity });
      lost.abort(new Error('lost the lease'));
    };
    const until = AbortSignal.any([ended, lost.signal]);
    let timer = setTimeout(giveUp, this.#times.renew * 1000);
    while (!until.aborted) {
      await pause(this.#times.retry, until);
      const asked = performance.now(); // the Lease may be as old as this when the answer comes
      // An answer that does not come must not hold up the end.
      if (await Promise.race([this.#tryToHold(), aborted(until)])) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, this.#times.renew * 1000 - (performance.now() - asked));
      }
    }
    clearTimeout(timer);
  }

  /** Takes or renews the Lease if it is ours, free or expired. */
  async #tryToHold(): Promise<boolean> {
    try {
      const { client, name, namespace } = this.#options;
      const lease = await client.get(RESOURCE.lease, name, namespace);
      if (lease === undefined) await client.create(this.#desired());
      else if (this.#mayTake(lease)) await client.replace(this.#desired(lease));
      else return false;
      return true;
    } catch (error) {
      // Somebody else was faster (409), or the API server cannot be reached.
      if (!isConflict(error))
        this.#options.log.warn('the lease could not be read or written', { error: String(error) });
      return false;
    }
  }

  #mayTake({ metadata, spec }: Lease): boolean {
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity) return true;
    const now = performance.now();
    if (this.#sighting.version !== metadata.resourceVersion) {
      this.#sighting = { version: metadata.resourceVersion, at: now };
    }
    return now - this.#sighting.at > (spec?.leaseDurationSeconds ?? this.#times.lease) * 1000;
  }

  #desired(present?: Lease) {
    const { name, namespace, identity } = this.#options;
    const { apiVersion, kind } = RESOURCE.lease;
    const now = new Date().toISOString().replace('Z', '000Z'); // MicroTime has six decimals
    const renewed = { holderIdentity: identity, leaseDurationSeconds: this.#times.lease, renewTime: now };
    const before = present?.spec;
    const spec =
      before?.holderIdentity === identity
        ? { ...before, ...renewed }
        : { ...renewed, acquireTime: now, leaseTransitions: (before?.leaseTransitions ?? -1) + 1 };
    return { apiVersion, kind, metadata: present?.metadata ?? { name, namespace }, spec };
  }

  /** Lets the next leader start at once. A renewal that was left under way may come in between, but only one. */
  async #release(attempts = 2): Promise<void> {
    const { client, name, namespace, identity, log } = this.#options;
    try {
      const lease = await client.get(RESOURCE.lease, name, namespace);
      if (lease?.spec?.holderIdentity !== identity) return;
      const free = { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } };
      await client.replace(free);
      log.info('gave up the lease', { identity });
    } catch (error) {
      if (isConflict(error) && attempts > 1) return this.#release(attempts - 1);
      log.warn('the lease could not be given up; it expires', { error: String(error) });
    }
  }
}

/** Whether somebody else has changed the object since it was read. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409;
}

/** Resolves to false when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const answer = () => {
      resolve(false);
    };
    if (signal.aborted) answer();
    signal.addEventListener('abort', answer, { once: true });
  });
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
}
