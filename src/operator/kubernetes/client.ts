/**
 * The few requests that the operator makes, on the client library's transport and authentication. The library's own
 * typed clients are not used: they turn text into dates in lists but not in watches, and cannot apply a status.
 */
import {
  type HttpMethod,
  HttpMethod as METHOD,
  IsomorphicFetchHttpLibrary,
  type KubeConfig,
  PatchStrategy,
  RequestContext,
  Watch,
} from '@kubernetes/client-node';
import { ApiError } from './api-error.ts';
import type { DesiredObject, ObjectReference, StoredObject } from './objects.ts';
import { pathOf, RESOURCE, type Resource, resourceOf } from './resources.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Objects in one answer to a list: bounds the memory of an answer, as client-go's pager does. */
const PAGE_SIZE = 500;

export interface ListOptions {
  /** All namespaces where absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface WatchOptions extends ListOptions {
  /** Changes after this version are told. */
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly object[];
}

interface Request {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

export class KubernetesClient {
  readonly #config: KubeConfig;
  readonly #transport = new IsomorphicFetchHttpLibrary();
  readonly #watch: Watch;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.#watch = new Watch(config);
  }

  /** The object, or undefined where there is none. */
  async get<T extends StoredObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T | undefined> {
    try {
      return await this.#request<T>('GET', pathOf(resource, namespace, name));
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** All objects, and the version from which a watch goes on. Read from the store, not from a lagging cache. */
  async list<T extends StoredObject>(
    resource: Resource<T>,
    { namespace, labelSelector }: ListOptions = {},
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    const items: T[] = [];
    let page: Page | undefined;
    do {
      const query = { labelSelector, limit: String(PAGE_SIZE), continue: page?.metadata.continue };
      page = await this.#request<Page>('GET', pathOf(resource, namespace), { query });
      // The items of a list lack what the list itself says of them all.
      const { apiVersion, kind } = resource;
      for (const item of page.items) items.push({ apiVersion, kind, ...item } as unknown as T);
    } while (page.metadata.continue);
    return { items, resourceVersion: page.metadata.resourceVersion };
  }

  /**
   * Tells of changes until the API server ends the watch, which it does every few minutes, or the signal aborts.
   *
   * @throws Error where the watch breaks or nothing, not even a bookmark, came for half a minute.
   */
  async watch(resource: Resource, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const { namespace, labelSelector, resourceVersion, signal } = options;
    const query = { labelSelector, resourceVersion, allowWatchBookmarks: true };
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const done = (error: unknown) => {
      if (error === null || error === undefined || signal.aborted) resolve(undefined);
      else reject(error instanceof Error ? error : new Error('the watch broke', { cause: error }));
    };
    const tell = (type: string, object: unknown) => {
      if (!signal.aborted) onEvent({ type: type as WatchEvent['type'], object }); // the library says string
    };
    const request = await this.#watch.watch(pathOf(resource, namespace), query, tell, done);
    const abort = () => {
      request.abort();
      resolve(undefined);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    await promise.finally(() => {
      signal.removeEventListener('abort', abort);
    });
  }

  /** Server-side apply; takes over fields that others own. Returns the object as it is now. */
  async apply(object: DesiredObject, fieldManager: string): Promise<StoredObject> {
    return this.#apply(objectPath(object), object, fieldManager);
  }

  /** Server-side apply to the status subresource alone. */
  async applyStatus(object: DesiredObject, fieldManager: string): Promise<StoredObject> {
    return this.#apply(`${objectPath(object)}/status`, object, fieldManager);
  }

  async create(object: DesiredObject): Promise<StoredObject> {
    const path = pathOf(resourceOf(object), object.metadata?.namespace);
    return this.#request('POST', path, { body: object, contentType: 'application/json' });
  }

  /** Replaces an object; with its `metadata.resourceVersion`, only if nobody else has changed it. */
  async replace(object: DesiredObject): Promise<StoredObject> {
    return this.#request('PUT', objectPath(object), { body: object, contentType: 'application/json' });
  }

  /** Deletes this object and none that has taken its name; it is no error if it is gone already. */
  async delete({ uid, ...object }: ObjectReference): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid },
      propagationPolicy: 'Background',
    };
    try {
      const path = pathOf(resourceOf(object), object.namespace, object.name);
      await this.#request('DELETE', path, { body, contentType: 'application/json' });
    } catch (error) {
      if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
    }
  }

  /** JSON that a pod serves, as text, through the API server. */
  async getThroughPod(
    { metadata }: StoredObject,
    page: { readonly port: number; readonly path: string },
  ): Promise<string> {
    const pod = pathOf(RESOURCE.pod, metadata.namespace, `${metadata.name}:${page.port}`);
    return JSON.stringify(await this.#request<unknown>('GET', `${pod}/proxy${page.path}`));
  }

  async #apply(path: string, body: object, fieldManager: string): Promise<StoredObject> {
    const query = { fieldManager, force: 'true' };
    return this.#request('PATCH', path, { query, body, contentType: PatchStrategy.ServerSideApply });
  }

  async #request<T>(method: HttpMethod, path: string, { query, body, contentType }: Request = {}): Promise<T> {
    const server = this.#config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the kubeconfig names no current cluster');
    const context = new RequestContext(server + path, METHOD[method]);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) context.setQueryParam(name, value);
    }
    context.setHeaderParam('Accept', 'application/json');
    if (contentType !== undefined) context.setHeaderParam('Content-Type', contentType);
    if (body !== undefined) context.setBody(JSON.stringify(body));
    context.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT_MS));
    await this.#config.applySecurityAuthentication(context);
    const response = await this.#transport.send(context).toPromise();
    const text = await response.body.text();
    if (response.httpStatusCode >= 300) throw ApiError.from(`${method} ${path}`, response.httpStatusCode, text);
    return JSON.parse(text) as T; // the API server has validated it against its schema
  }
}

function objectPath(object: DesiredObject): string {
  const { namespace, name } = object.metadata ?? {};
  return pathOf(resourceOf(object), namespace, name);
}
