/**
 * Environment of the pod of a node. torchrun reads PET_* and sets RANK, LOCAL_RANK, LOCAL_WORLD_SIZE and the like for each
 * process that it starts: they differ within a pod, so a pod cannot set them. Other launchers read the plain names.
 */
import type { V1EnvVar } from '@kubernetes/client-node';
import { PLAN_MOUNT_PATH } from '../api/pod-template.ts';
import { PLAN_FILE } from './files.ts';
import { nodesOf, type Gang, type Placement } from './gang.ts';
import { podName, serviceName } from './names.ts';

/** The port that torchrun listens on by default. */
export const MASTER_PORT = 29500;

/** Value of each variable of the pod on the node of a rank, whatever it does. */
const VARIABLES: Readonly<Record<string, (of: Placed) => string | number>> = {
  PET_NNODES: ({ placement }) => nodesOf(placement).length,
  PET_NPROC_PER_NODE: ({ placement, nodeRank }) => nodesOf(placement)[nodeRank]?.gpus ?? 0,
  PET_NODE_RANK: ({ nodeRank }) => nodeRank,
  PET_MASTER_ADDR: masterAddress,
  PET_MASTER_PORT: () => MASTER_PORT,
  NODE_RANK: ({ nodeRank }) => nodeRank,
  MASTER_ADDR: masterAddress,
  MASTER_PORT: () => MASTER_PORT,
  WORLD_SIZE: ({ placement }) => placement.plan.gpus,
  UNIAP_NAMESPACE: ({ placement }) => placement.job.namespace,
  UNIAP_JOB: ({ placement }) => placement.job.name,
  UNIAP_METRICS_PORT: ({ placement }) => placement.job.spec.monitoring.port,
  UNIAP_TRAINING: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.training}`,
  UNIAP_MODEL: () => `${PLAN_MOUNT_PATH}/${PLAN_FILE.model}`,
};

/** Variables of a pod that has a plan. */
const OF_A_PLAN: readonly V1EnvVar[] = [
  { name: 'UNIAP_PLAN', value: `${PLAN_MOUNT_PATH}/${PLAN_FILE.plan}` },
  { name: 'UNIAP_GROUPS', value: `${PLAN_MOUNT_PATH}/${PLAN_FILE.groups}` },
];

/** A pod among others. */
export interface Placed {
  readonly placement: Placement;
  readonly nodeRank: number;
  /** Name of the pod of node rank 0. */
  readonly firstPod: string;
}

/** Environment of a pod, without what the job's template adds. */
export function environmentOf(placed: Placed): V1EnvVar[] {
  return Object.entries(VARIABLES).map(([name, valueOf]) => ({ name, value: String(valueOf(placed)) }));
}

/** The same of the pod that trains on the node of a rank. */
export function planEnvironment(gang: Gang, nodeRank: number): V1EnvVar[] {
  const firstPod = podName(gang.job.name, 0);
  return [...environmentOf({ placement: gang, nodeRank, firstPod }), ...OF_A_PLAN];
}

function masterAddress({ placement: { job }, firstPod }: Placed): string {
  return `${firstPod}.${serviceName(job.name)}`;
}
