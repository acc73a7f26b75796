/** Environment variables, command and arguments of a container, as Kubernetes puts them together. */
import type { V1ConfigMapKeySelector, V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node';
import type { NamedObjects } from './named-objects.ts';
import { podField } from './pod-fields.ts';

type Environment = Readonly<Record<string, string>>;

/**
 * The variables of a container: those of `envFrom`, then those of `env`, where a later one may name an earlier as `$(NAME)`.
 *
 * @throws Error where an object is not there that is not optional, or a source is none that the agent knows.
 */
export async function environmentOf(container: V1Container, pod: V1Pod, objects: NamedObjects): Promise<Environment> {
  const environment: Record<string, string> = await imported(container, pod, objects);
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, pod, objects);
    if (value !== undefined) environment[variable.name] = expand(value, environment);
  }
  return environment;
}

/** Replaces `$(NAME)` by the variable's value; `$$` stands for a dollar sign, and unknown names stay as they are. */
export function expand(text: string, environment: Environment): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (environment[name] ?? found),
  );
}

async function imported(
  { envFrom = [] }: V1Container,
  pod: V1Pod,
  objects: NamedObjects,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef = {} } of envFrom) {
    const contents = configMapRef
      ? objects.contents('ConfigMap', configMapRef, pod)
      : objects.contents('Secret', secretRef, pod);
    for (const [key, value] of await contents) environment[prefix + key] = value.toString();
  }
  return environment;
}

async function valueOf(
  { value = '', valueFrom }: V1EnvVar,
  pod: V1Pod,
  objects: NamedObjects,
): Promise<string | undefined> {
  if (valueFrom === undefined) return value;
  const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return podField(pod, fieldRef.fieldPath);
  if (configMapKeyRef !== undefined)
    return valueAt(configMapKeyRef, await objects.contents('ConfigMap', configMapKeyRef, pod));
  if (secretKeyRef !== undefined) return valueAt(secretKeyRef, await objects.contents('Secret', secretKeyRef, pod));
  throw new Error('the test agent knows variables from fields, ConfigMaps and Secrets only');
}

function valueAt(
  { name = '', key, optional = false }: V1ConfigMapKeySelector,
  contents: ReadonlyMap<string, Buffer>,
): string | undefined {
  const value = contents.get(key)?.toString();
  if (value === undefined && !optional) throw new Error(`${name} has no key ${key}`);
  return value;
}
