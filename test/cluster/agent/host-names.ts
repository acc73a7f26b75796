/** Host names of pods under headless Services, which a cluster's DNS would resolve. */
import type { V1Pod } from '@kubernetes/client-node';
import type { NamedObjects } from './named-objects.ts';

/** `pod.service`, in full or not, alone or before a port. */
const HOST_NAME = /^([a-z0-9-]+)\.([a-z][a-z0-9-]*)(?:\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?)?(:\d+)?$/;

/**
 * The text with the address of the pod that it names in place of the name; any other text as it is.
 *
 * @throws Error where it names a pod that has no address yet.
 */
export async function resolveHostName(text: string, ownNamespace: string, objects: NamedObjects): Promise<string> {
  const match = HOST_NAME.exec(text);
  if (match === null) return text;
  const [, host = '', service = '', namespace = ownNamespace, port = ''] = match;
  if (!(await objects.isHeadless(namespace, service))) return text;
  const address = (await objects.pods(namespace)).find((pod) => isNamed(pod, host, service))?.status?.podIP;
  if (address === undefined) throw new Error(`${text} does not resolve: no such pod has an address`);
  return address + port;
}

function isNamed({ spec, metadata }: V1Pod, host: string, service: string): boolean {
  return spec?.subdomain === service && spec.hostname === host && metadata?.deletionTimestamp === undefined;
}
