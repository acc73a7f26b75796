import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/** What `waitFor` waits for, in words for the error message, and how long. */
export interface WaitOptions {
  readonly describe: string;
  /** Milliseconds; one minute unless said otherwise, for busy machines. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Polls `condition` until it returns something other than undefined or false, and returns that. A condition that throws
 * is not met yet.
 *
 * @throws Error that says what was waited for, and the last error of the condition as its cause.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  { describe, timeout = 60_000, signal }: WaitOptions,
): Promise<Exclude<Value, undefined | false>> {
  const deadline = performance.now() + timeout;
  let lastError: unknown;
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    try {
      const value = await condition();
      if (isMet(value)) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(POLL_MS);
  }
  const reason = lastError instanceof Error ? `: ${lastError.message}` : '';
  throw new Error(`waited ${timeout / 1000} s in vain for ${describe}${reason}`, { cause: lastError });
}

function isMet<Value>(value: Value): value is Exclude<Value, undefined | false> {
  return value !== undefined && value !== false;
}
