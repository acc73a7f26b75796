/**
 * A copy of the cluster's objects of one kind, kept up to date by list and watch, as client-go's reflector does.
 *
 * The client library's informer is not used: it goes on watching when it is stopped during a list, stops at the first
 * error, and never lists again by itself, so that a change lost once is lost for good.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'winston';
import type { KubernetesClient, ListOptions, WatchEvent } from './client.ts';
import type { StoredObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** All objects are listed again after this long, whatever the watch said. */
const RELIST_SECONDS = 600;
const RETRY_SECONDS = { first: 0.5, longest: 30 } as const;
/** Between a watch that ended and the next: changes come late by as much, and no server is asked without end. */
const WATCH_PAUSE_SECONDS = 0.1;

export interface ObjectCacheOptions<T extends StoredObject> extends ListOptions {
  readonly client: KubernetesClient;
  readonly resource: Resource<T>;
  readonly log: Logger;
  /** Keeps of an object what is needed; a change of the rest is no change. */
  readonly trim?: (object: T) => T;
  /** Objects of one value can be had together by {@link ObjectCache.select}. */
  readonly index?: (object: T) => string | undefined;
  /** Called for each change, with undefined for what was or is not there. */
  readonly onChange?: (after: T | undefined, before: T | undefined) => void;
}

export class ObjectCache<T extends StoredObject> {
  readonly #options: ObjectCacheOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #byIndex = new Map<string, Set<string>>();
  readonly #synced = Promise.withResolvers<undefined>();
  /** Every change up to this version has been told. */
  #version = 0n;
  #isSynced = false;

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
  }

  /** Resolves when the first list has arrived. */
  get synced(): Promise<undefined> {
    return this.#synced.promise;
  }

  /** Kind of the objects. */
  get kind(): string {
    return this.#options.resource.kind;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  /** Objects whose index is `value`. */
  select(value: string): readonly T[] {
    return [...(this.#byIndex.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Takes over what a write returned, so that the next reader does not act on what was before it. */
  put(object: T): void {
    if (versionOf(object) > this.#version) this.#set(object);
  }

  /** Follows the cluster until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, resource } = this.#options;
    let seconds: number = RETRY_SECONDS.first;
    while (!signal.aborted) {
      try {
        await this.#relist();
        seconds = RETRY_SECONDS.first;
        await this.#follow(signal);
      } catch (error) {
        log.warn(`following ${resource.plural} failed; listing them again`, {
          error: String(error),
          retryInSeconds: seconds,
        });
        await pause(seconds, signal);
        seconds = Math.min(2 * seconds, RETRY_SECONDS.longest);
      }
    }
  }

  async #relist(): Promise<void> {
    const { client, resource, namespace, labelSelector } = this.#options;
    const { items, resourceVersion } = await client.list(resource, { namespace, labelSelector });
    this.#version = BigInt(resourceVersion);
    const listed = new Set(items.map(keyOf));
    for (const object of items) this.#set(object);
    for (const [key, object] of this.#objects) {
      if (!listed.has(key) && versionOf(object) <= this.#version) this.#remove(key);
    }
    this.#isSynced = true;
    this.#synced.resolve(undefined);
  }

  /** Watches, again and again, until it is time to list. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector } = this.#options;
    const until = AbortSignal.any([signal, AbortSignal.timeout(RELIST_SECONDS * 1000)]);
    while (!until.aborted) {
      const options = { namespace, labelSelector, resourceVersion: String(this.#version), signal: until };
      let failure: unknown;
      await client
        .watch(resource, options, (event) => {
          if (event.type === 'ERROR') failure = event.object;
          else this.#take(event);
        })
        .catch((error: unknown) => {
          // Silence is no failure where nothing happens; a new watch from the same version shows which it was.
          if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
        });
      // 410 Gone: too much has happened since that version.
      if (failure !== undefined) throw new Error(`watch ended: ${JSON.stringify(failure)}`);
      await pause(WATCH_PAUSE_SECONDS, until);
    }
  }

  #take(event: WatchEvent): void {
    const object = event.object as T; // the API server has validated it against its schema
    const version = versionOf(object);
    if (event.type === 'DELETED') {
      const present = this.#objects.get(keyOf(object));
      if (present !== undefined && versionOf(present) <= version) this.#remove(keyOf(object));
    } else if (event.type !== 'BOOKMARK') {
      this.#set(object);
    }
    this.#version = version;
  }

  #set(object: T): void {
    const { trim, onChange } = this.#options;
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before !== undefined && versionOf(before) >= versionOf(object)) return;
    const after = trim?.(object) ?? object;
    this.#unindex(key, before);
    this.#objects.set(key, after);
    this.#index(key, after);
    if (before === undefined || differ(before, after)) onChange?.(after, before);
  }

  #remove(key: string): void {
    const before = this.#objects.get(key);
    this.#unindex(key, before);
    this.#objects.delete(key);
    this.#options.onChange?.(undefined, before);
  }

  #index(key: string, object: T): void {
    const value = this.#options.index?.(object);
    if (value === undefined) return;
    const keys = this.#byIndex.get(value) ?? new Set();
    this.#byIndex.set(value, keys.add(key));
  }

  #unindex(key: string, object: T | undefined): void {
    const value = object && this.#options.index?.(object);
    if (value === undefined) return;
    const keys = this.#byIndex.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#byIndex.delete(value);
  }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined);
}

function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Versions of one API server's objects are decimal numbers that grow (Kubernetes 1.35 made it part of the API). */
function versionOf({ metadata }: StoredObject): bigint {
  return BigInt(metadata.resourceVersion);
}

function differ(before: StoredObject, after: StoredObject): boolean {
  const comparable = ({ metadata, ...rest }: StoredObject) =>
    JSON.stringify({ ...rest, metadata: { ...metadata, resourceVersion: '' } });
  return comparable(before) !== comparable(after);
}
