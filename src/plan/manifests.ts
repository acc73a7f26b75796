/** Everything that the operator creates for a job that starts, in the order in which it creates it. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ParallelPlan } from '../api/parallel-plan.ts';
import { buildConfigMap } from './config-map.ts';
import type { Gang } from './gang.ts';
import { buildParallelPlan } from './parallel-plan.ts';
import { buildPods } from './pods.ts';
import { buildService } from './service.ts';

/** Stands for the UID of a job that no API server has seen yet (the nil UUID of RFC 9562). */
export const UID_BEFORE_CREATION = '00000000-0000-0000-0000-000000000000';

/** @param config - The config.json that the job gives inline or names; null where it names a preset or gives layers. */
export function buildManifests(
  { job, plan, revision }: Pick<Gang, 'job' | 'plan' | 'revision'>,
  config: Readonly<Record<string, unknown>> | null,
): readonly (KubernetesObject | ParallelPlan)[] {
  const object = buildParallelPlan(job, revision, plan);
  const gang: Gang = { job, plan: object.spec, planName: object.metadata.name, revision, attempt: 0 };
  return [object, buildConfigMap(gang, config), buildService(job), ...buildPods(gang)];
}
