/** What a pod says of itself: the downward API. */
import type { V1Pod } from '@kubernetes/client-node';

/** Field paths besides single labels and annotations, `metadata.labels['key']`. */
const FIELDS: Readonly<Record<string, (pod: V1Pod) => string | undefined>> = {
  'metadata.name': ({ metadata }) => metadata?.name,
  'metadata.namespace': ({ metadata }) => metadata?.namespace,
  'metadata.uid': ({ metadata }) => metadata?.uid,
  'metadata.labels': ({ metadata }) => lines(metadata?.labels),
  'metadata.annotations': ({ metadata }) => lines(metadata?.annotations),
  'spec.nodeName': ({ spec }) => spec?.nodeName,
  'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName,
  'status.hostIP': ({ status }) => status?.hostIP,
  'status.podIP': ({ status }) => status?.podIP,
  'status.podIPs': ({ status }) => status?.podIP,
};

/** @throws Error where there is no such field. */
export function podField(pod: V1Pod, path: string): string {
  const [, group, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (key !== undefined) return pod.metadata?.[group === 'labels' ? 'labels' : 'annotations']?.[key] ?? '';
  const field = FIELDS[path];
  if (field === undefined) throw new Error(`the test agent knows no field ${path}`);
  return field(pod) ?? '';
}

function lines(pairs: Readonly<Record<string, string>> = {}): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}
