/** Labels, annotations and owner references of a job's objects. */
import type { V1OwnerReference } from '@kubernetes/client-node';
import { ANNOTATION, API_VERSION, LABEL } from '../api/group.ts';
import { nodesOf, type Gang, type Job } from './gang.ts';
import { groupsAnnotation } from './groups-annotation.ts';
import { baseName } from './names.ts';
import { ranksByNode, stageOf } from './ranks.ts';

/** The job controls its objects: they are deleted with it, and it is not gone before they are. */
export function ownerReference(job: Job): V1OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: 'TrainingJob',
    name: job.name,
    uid: job.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Labels of every object of a job. */
export function jobLabels(job: Job): Record<string, string> {
  return { [LABEL.job]: baseName(job.name), [LABEL.jobUid]: job.uid };
}

/** Labels of the objects of one plan of a job. */
export function planLabels(job: Job, revision: number): Record<string, string> {
  return { ...jobLabels(job), [LABEL.planRevision]: String(revision) };
}

/** Labels of the pod of a node. */
export function podLabels({ job, revision, attempt }: Gang, nodeRank: number): Record<string, string> {
  return {
    ...job.spec.template.labels,
    ...planLabels(job, revision),
    [LABEL.attempt]: String(attempt),
    [LABEL.nodeRank]: String(nodeRank),
  };
}

/** Annotations of the pod of a node: docs/annotations.md. */
export function podAnnotations(gang: Gang, nodeRank: number): Record<string, string> {
  const { job, plan, planName, revision } = gang;
  const ranks = ranksByNode(nodesOf(gang))[nodeRank] ?? [];
  const stages = [...new Set(ranks.map((rank) => stageOf(plan, rank)))];
  return {
    ...job.spec.template.annotations,
    [ANNOTATION.plan]: planName,
    [ANNOTATION.planRevision]: String(revision),
    [ANNOTATION.nodeRank]: String(nodeRank),
    [ANNOTATION.pipelineRanks]: stages.join(','),
    [ANNOTATION.globalRanks]: ranks.join(','),
    [ANNOTATION.groups]: JSON.stringify(groupsAnnotation(plan, ranks)),
  };
}
