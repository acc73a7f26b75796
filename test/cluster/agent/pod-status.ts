/** The status of a pod at each point of its life, as a kubelet reports it. */
import type { V1ContainerState, V1Pod, V1PodCondition, V1PodStatus } from '@kubernetes/client-node';

/** How a container ended. */
export interface End {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly startedAt: Date;
}

/** Containers are about to start. */
export function starting(pod: V1Pod, podIP: string): V1PodStatus {
  return {
    phase: 'Pending',
    hostIP: '127.0.0.1',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: new Date(),
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', true),
      ...readiness(false, 'ContainersNotReady'),
    ],
    containerStatuses: containers(pod, () => ({ waiting: { reason: 'ContainerCreating' } })),
  };
}

export function running(pod: V1Pod): V1PodStatus {
  const startedAt = new Date();
  return {
    phase: 'Running',
    conditions: readiness(true),
    containerStatuses: containers(pod, () => ({ running: { startedAt } })),
  };
}

/** All containers have ended. */
export function ended(pod: V1Pod, ends: ReadonlyMap<string, End>): V1PodStatus {
  const succeeded = [...ends.values()].every(({ exitCode }) => exitCode === 0);
  const finishedAt = new Date();
  return {
    phase: succeeded ? 'Succeeded' : 'Failed',
    conditions: readiness(false, succeeded ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: containers(pod, (name) => {
      const end = ends.get(name);
      return end === undefined ? {} : { terminated: { ...end, finishedAt } };
    }),
  };
}

/** The pod cannot be run here. */
export function refused(message: string): V1PodStatus {
  return { phase: 'Failed', reason: 'NotRunnable', message, conditions: readiness(false, 'PodFailed') };
}

function containers({ spec }: V1Pod, stateOf: (name: string) => V1ContainerState) {
  return (spec?.containers ?? []).map(({ name, image = '' }) => {
    const state = stateOf(name);
    const isRunning = state.running !== undefined;
    return { name, image, imageID: '', ready: isRunning, started: isRunning, restartCount: 0, state };
  });
}

function readiness(isReady: boolean, reason?: string): V1PodCondition[] {
  return [condition('ContainersReady', isReady, reason), condition('Ready', isReady, reason)];
}

function condition(type: string, holds: boolean, reason?: string): V1PodCondition {
  return {
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: new Date(),
    ...(reason !== undefined && { reason }),
  };
}
