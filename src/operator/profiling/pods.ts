/** The pods that measure: on the nodes that the job would get, and as its template has them, so that they find what it will. */
import type { V1ConfigMap, V1Pod } from '@kubernetes/client-node';
import { invariant } from '../../api/errors.ts';
import { LABEL } from '../../api/group.ts';
import { environmentOf } from '../../plan/environment.ts';
import { PLAN_FILE } from '../../plan/files.ts';
import { modelDocument } from '../../plan/job-model.ts';
import { jobLabels, ownerReference } from '../../plan/metadata.ts';
import { baseName } from '../../plan/names.ts';
import { buildPodFor } from '../../plan/pods.ts';
import type { Measurement } from './measurement.ts';
import { profilingProgram } from './program.ts';

/** Kubernetes ends pods that measure for longer, whether or not anybody looks; it takes a minute or two. Seconds. */
export const LONGEST_SECONDS = 900;

/** It ends in `-p` and a number, that of a pod that trains in a number alone: no job's pods have a name of another's. */
export function profilingPodName(jobName: string, nodeRank: number): string {
  return `${baseName(jobName)}-p${nodeRank}`;
}

function configMapName(jobName: string): string {
  return `${baseName(jobName)}-profiling`;
}

/** What is measured, as pods are told. The same name for each measurement: what was measured before is not needed again. */
export function buildProfilingConfigMap(
  { job }: Measurement,
  config: Readonly<Record<string, unknown>> | null,
): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(job.name),
      namespace: job.namespace,
      labels: jobLabels(job),
      ownerReferences: [ownerReference(job)],
    },
    data: {
      [PLAN_FILE.training]: JSON.stringify(job.spec.training),
      [PLAN_FILE.model]: JSON.stringify(modelDocument(job.spec.model, config)),
    },
  };
}

/** The pods that measure, by node rank. */
export function buildProfilingPods(measurement: Measurement): V1Pod[] {
  return measurement.nodes.map((_, nodeRank) => buildProfilingPod(measurement, nodeRank));
}

export function buildProfilingPod(measurement: Measurement, nodeRank: number): V1Pod {
  const { id, job, plan, subject } = measurement;
  const placement = { job, plan, planName: id };
  const { template } = job.spec;
  const program = profilingProgram(template);
  invariant(program, 'only a job whose container runs uniap-runtime is measured');
  return buildPodFor(placement, nodeRank, {
    name: profilingPodName(job.name, nodeRank),
    labels: {
      ...template.labels,
      ...jobLabels(job),
      [LABEL.profiling]: id,
      [LABEL.nodeRank]: String(nodeRank),
    },
    annotations: template.annotations,
    program,
    environment: [
      ...environmentOf({ placement, nodeRank, firstPod: profilingPodName(job.name, 0) }),
      { name: 'UNIAP_DEVICE', value: subject.device },
    ],
    files: [{ configMap: { name: configMapName(job.name) } }],
    longestSeconds: LONGEST_SECONDS,
  });
}
