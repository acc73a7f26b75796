/** The ConfigMap through which pods find their plan. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { API_VERSION } from '../api/group.ts';
import { engineFiles } from './engine-files.ts';
import { PLAN_FILE } from './files.ts';
import type { Gang } from './gang.ts';
import { modelDocument, trainingDocument } from './job-model.ts';
import { ownerReference, planLabels } from './metadata.ts';
import { planName } from './names.ts';

/** @param config - The config.json that the job gives inline or names; null where it names a preset or gives layers. */
export function buildConfigMap(
  { job, plan, planName: name, revision }: Omit<Gang, 'attempt'>,
  config: Readonly<Record<string, unknown>> | null,
): V1ConfigMap {
  const planObject = { apiVersion: API_VERSION, kind: 'ParallelPlan', metadata: { name }, spec: plan };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: planName(job.name, revision),
      namespace: job.namespace,
      labels: planLabels(job, revision),
      ownerReferences: [ownerReference(job)],
    },
    data: {
      [PLAN_FILE.plan]: JSON.stringify(planObject),
      [PLAN_FILE.training]: JSON.stringify(trainingDocument(job.spec, config)),
      [PLAN_FILE.model]: JSON.stringify(modelDocument(job.spec.model, config)),
      ...Object.fromEntries(engineFiles(job.spec, plan, config).map(({ name: file, content }) => [file, content])),
    },
  };
}
