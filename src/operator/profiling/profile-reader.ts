/** Asks pods that measure whether they are done, in the background: they may take minutes, or never answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '../kubernetes/pod.ts';
import { getFromPod } from '../pod-http.ts';

const PATH = '/profile';
const ROUND_SECONDS = 2;
/** A profile of many layers and degrees has some hundred KiB; a resource of the API server at most 1.5 MiB. */
const LIMITS = { seconds: 10, bytes: 2 ** 20 } as const;

/** What a pod has said. */
export type ProfileReading =
  | { readonly kind: 'waiting'; /** Why the last request was in vain, for people. */ readonly problem: string }
  | { readonly kind: 'read'; readonly text: string };

interface Entry {
  readonly uid: string;
  readonly abort: AbortController;
  reading: ProfileReading;
}

export class ProfileReader {
  readonly #entries = new Map<string, Entry>();
  readonly #onRead: (key: string) => void;

  /** @param onRead - Called with the key of a job whose pod has answered. */
  constructor(onRead: (key: string) => void) {
    this.#onRead = onRead;
  }

  /** What this pod of the job has said, since it was first asked. */
  of(key: string, pod: Pod | undefined): ProfileReading | undefined {
    const entry = this.#entries.get(key);
    return entry?.uid === pod?.metadata.uid ? entry?.reading : undefined;
  }

  /** Asks the pod until it answers, unless it is being asked or has answered. */
  read(key: string, pod: Pod, port: number): void {
    const { uid } = pod.metadata;
    if (this.#entries.get(key)?.uid === uid) return;
    this.discard(key);
    const entry: Entry = { uid, abort: new AbortController(), reading: { kind: 'waiting', problem: 'not asked yet' } };
    this.#entries.set(key, entry);
    void this.#ask(key, entry, { pod, port });
  }

  /** Forgets the job's pod, and asks it no more. */
  discard(key: string): void {
    this.#entries.get(key)?.abort.abort();
    this.#entries.delete(key);
  }

  stop(): void {
    for (const key of this.#entries.keys()) this.discard(key);
  }

  /** Never rejects. */
  async #ask(key: string, entry: Entry, from: { readonly pod: Pod; readonly port: number }): Promise<void> {
    const { signal } = entry.abort;
    while (!signal.aborted) {
      const reading = await answerOf(from, signal);
      if (this.#entries.get(key) !== entry) return;
      entry.reading = reading;
      if (reading.kind === 'read') {
        this.#onRead(key);
        return;
      }
      await delay(ROUND_SECONDS * 1000, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function answerOf(
  { pod, port }: { readonly pod: Pod; readonly port: number },
  signal: AbortSignal,
): Promise<ProfileReading> {
  try {
    const { status, body } = await getFromPod(pod, { port, path: PATH }, signal, LIMITS);
    return status === 200 ? { kind: 'read', text: body } : { kind: 'waiting', problem: `it answers ${status}` };
  } catch (error) {
    return { kind: 'waiting', problem: error instanceof Error ? error.message : String(error) };
  }
}
