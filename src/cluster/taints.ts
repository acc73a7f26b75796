import type { Toleration } from '../api/training-job.ts';
import { GPU_RESOURCES } from './node-facts.ts';
import type { Taint } from './objects.ts';

/** The first taint that keeps a pod with these tolerations away. A GPU resource's own taint never does. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): Taint | undefined {
  return taints.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' &&
      !GPU_RESOURCES.includes(taint.key) &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

/** As the scheduler matches them. Source: kubernetes.io, "Taints and Tolerations". */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) {
    return false;
  }
  if ((toleration.key ?? '') === '') {
    return toleration.operator === 'Exists';
  }
  const exists = toleration.operator === 'Exists';
  return toleration.key === taint.key && (exists || (toleration.value ?? '') === (taint.value ?? ''));
}

/** As kubectl writes them: `key=value:effect`. */
export function describeTaint({ key, value, effect }: Taint): string {
  return `${key}${value === undefined || value === '' ? '' : `=${value}`}:${effect}`;
}
