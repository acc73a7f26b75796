/**
 * Keys to be worked on, with the guarantees of client-go's work queue: a key waits at most once however often it is
 * added; no key is handled twice at a time; a key added while it is handled is handled again; one whose handling throws
 * is tried again, later each time.
 */

/** Seconds before the first retry, doubled each time up to the longest. */
const RETRY_SECONDS = { first: 0.1, longest: 60 } as const;
const DOUBLINGS = 30; // beyond any use, and far from overflow
/** What setTimeout can wait at most: about 25 days. A key that comes too early then is put off again. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface WorkQueueOptions {
  /** How many keys are handled at a time. */
  readonly workers: number;
  readonly handle: (key: string) => Promise<void>;
  readonly onError: (key: string, error: unknown, retryInSeconds: number) => void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys to be handled, in order. */
  readonly #waiting = new Set<string>();
  /** Keys in the hands of a worker. */
  readonly #active = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  #isStarted = false;
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait, not counting those that wait for their time. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Begins to handle keys; those added before wait until then. */
  start(): void {
    this.#isStarted = true;
    this.#dispatch();
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#waiting.add(key);
    this.#dispatch();
  }

  /** Adds the key after some seconds, unless it is to be added sooner already. */
  addAfter(key: string, seconds: number): void {
    if (this.#isStopped) return;
    const due = Date.now() + seconds * 1000;
    const present = this.#timers.get(key);
    if (present !== undefined && present.due <= due) return;
    clearTimeout(present?.timer);
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      Math.min(seconds * 1000, MAX_TIMEOUT_MS),
    );
    this.#timers.set(key, { due, timer });
  }

  /** Takes up no more keys and resolves when those being handled are done. */
  async drain(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#active.values());
  }

  #dispatch(): void {
    if (!this.#isStarted) return;
    for (const key of this.#waiting) {
      if (this.#active.size >= this.#options.workers) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#options.handle(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      const seconds = Math.min(RETRY_SECONDS.first * 2 ** Math.min(failures, DOUBLINGS), RETRY_SECONDS.longest);
      this.#options.onError(key, error, seconds);
      this.addAfter(key, seconds);
    } finally {
      this.#active.delete(key);
      this.#dispatch();
    }
  }
}
