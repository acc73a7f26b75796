import type { Container, PodObject } from './objects.ts';
import { wholeQuantity } from './units.ts';

/** A pod that holds resources of a node. */
export interface PodRequests {
  /** `namespace/name`. */
  readonly pod: string;
  /** Of an extended resource; 0 where the pod asks for none. */
  readonly request: (resource: string) => number;
}

/** The pods that hold resources, by node: those bound to it that have not ended. */
export function requestsByNode(pods: readonly PodObject[]): ReadonlyMap<string, readonly PodRequests[]> {
  return Map.groupBy(
    pods.filter(holdsResources).map((pod) => ({
      node: pod.spec?.nodeName ?? '',
      pod: `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`,
      request: (resource: string) => requested(pod, resource),
    })),
    ({ node }) => node,
  );
}

function holdsResources({ spec, status }: PodObject): boolean {
  return (spec?.nodeName ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/**
 * What the scheduler counts for a pod: its containers and sidecars together, or more while it starts, when an init
 * container runs beside the sidecars that were started before it.
 * Source: kubernetes.io, "Init Containers" and "Sidecar Containers", resource sharing within containers. Pod overhead
 * and pod-level resources hold no extended resources.
 */
function requested({ spec }: PodObject, resource: string): number {
  let sidecars = 0;
  let starting = 0;
  for (const container of spec?.initContainers ?? []) {
    const own = requestOf(container, resource);
    starting = Math.max(starting, sidecars + own);
    sidecars += container.restartPolicy === 'Always' ? own : 0;
  }
  const running = (spec?.containers ?? []).reduce((sum, container) => sum + requestOf(container, resource), sidecars);
  return Math.max(starting, running);
}

/** Of an extended resource the request equals the limit, and is filled in from it. */
function requestOf({ resources }: Container, resource: string): number {
  return wholeQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource]);
}
