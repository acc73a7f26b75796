/** Objects that a pod names, read when it starts. */
import { ApiException, CoreV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';

export type Kind = 'ConfigMap' | 'Secret';

/** How a pod names a ConfigMap or a Secret. Where an optional one is not there, it counts as empty. */
export interface Reference {
  readonly name?: string;
  readonly optional?: boolean;
}

type Contents = ReadonlyMap<string, Buffer>;

export class NamedObjects {
  readonly #api: CoreV1Api;

  constructor(config: KubeConfig) {
    this.#api = config.makeApiClient(CoreV1Api);
  }

  /** What a ConfigMap or a Secret in the pod's namespace holds, by key. @throws Error where it is not there */
  async contents(kind: Kind, { name = '', optional = false }: Reference, { metadata }: V1Pod): Promise<Contents> {
    const object = { name, namespace: metadata?.namespace ?? '' };
    const found = kind === 'Secret' ? await this.#secret(object) : await this.#configMap(object);
    if (found === undefined && !optional) throw new Error(`there is no ${kind} ${name}`);
    return found ?? new Map();
  }

  /** Whether the pods of a Service have host names under it. */
  async isHeadless(namespace: string, name: string): Promise<boolean> {
    const service = await present(this.#api.readNamespacedService({ namespace, name }));
    return service?.spec?.clusterIP === 'None';
  }

  async pods(namespace: string): Promise<readonly V1Pod[]> {
    return (await this.#api.listNamespacedPod({ namespace })).items;
  }

  async #configMap(object: ObjectName): Promise<Contents | undefined> {
    const found = await present(this.#api.readNamespacedConfigMap(object));
    return found && new Map([...entries(found.data, 'utf8'), ...entries(found.binaryData, 'base64')]);
  }

  async #secret(object: ObjectName): Promise<Contents | undefined> {
    const found = await present(this.#api.readNamespacedSecret(object));
    return found && new Map(entries(found.data, 'base64'));
  }
}

interface ObjectName {
  readonly name: string;
  readonly namespace: string;
}

function entries(data: Readonly<Record<string, string>> = {}, encoding: BufferEncoding): [string, Buffer][] {
  return Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]);
}

async function present<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}
