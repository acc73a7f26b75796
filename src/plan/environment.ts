/**
 * Environment of the pod of a node. torchrun reads PET_* and sets RANK, LOCAL_RANK, LOCAL_WORLD_SIZE and the like for each
 * process that it starts: they differ within a pod, so a pod cannot set them. Other launchers read the plain names.
 */
import type { V1EnvVar } from '@kubernetes/client-node';
import { PLAN_MOUNT_PATH } from '../api/pod-template.ts';
import { PLAN_FILE } from './files.ts';
import { nodesOf, type Gang } from './gang.ts';
import { podName, serviceName } from './names.ts';

/** The port that torchrun listens on by default. */
export const MASTER_PORT = 29500;

/** Value of each variable for the pod on the node of a rank. */
const VARIABLES: Readonly<Record<string, (gang: Gang, nodeRank: number) => string | number>> = {
  PET_NNODES: (gang) => nodesOf(gang).length,
  PET_NPROC_PER_NODE: (gang, nodeRank) => nodesOf(gang)[nodeRank]?.gpus ?? 0,
  PET_NODE_RANK: (_, nodeRank) => nodeRank,
  PET_MASTER_ADDR: masterAddress,
  PET_MASTER_PORT: () => MASTER_PORT,
  NODE_RANK: (_, nodeRank) => nodeRank,
  MASTER_ADDR: masterAddress,
  MASTER_PORT: () => MASTER_PORT,
  WORLD_SIZE: ({ plan }) => plan.gpus,
  UNIAP_NAMESPACE: ({ job }) => job.namespace,
  UNIAP_JOB: ({ job }) => job.name,
  UNIAP_METRICS_PORT: ({ job }) => job.spec.monitoring.port,
  UNIAP_PLAN: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.plan}`,
  UNIAP_GROUPS: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.groups}`,
  UNIAP_TRAINING: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.training}`,
  UNIAP_MODEL: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.model}`,
};

/** Environment of the pod on the node of a rank, without what the job's template adds. */
export function planEnvironment(gang: Gang, nodeRank: number): V1EnvVar[] {
  return Object.entries(VARIABLES).map(([name, valueOf]) => ({ name, value: String(valueOf(gang, nodeRank)) }));
}

function masterAddress({ job }: Gang): string {
  return `${podName(job.name, 0)}.${serviceName(job.name)}`;
}
