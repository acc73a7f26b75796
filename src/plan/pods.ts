/** The pods of a gang: one for each node of the plan, pinned to it, with everything torchrun and NCCL need. */
import type {
  V1Affinity,
  V1Container,
  V1EnvFromSource,
  V1Pod,
  V1PodSecurityContext,
  V1ResourceRequirements,
  V1SecurityContext,
  V1Toleration,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { ANNOTATION } from '../api/group.ts';
import { invariant } from '../api/errors.ts';
import type { ParallelPlanSpec, PlannedNode } from '../api/parallel-plan.ts';
import { PLAN_MOUNT_PATH, SHARED_MEMORY_MOUNT_PATH, VOLUME_PREFIX, type PodTemplate } from '../api/pod-template.ts';
import { MASTER_PORT, planEnvironment } from './environment.ts';
import { PLAN_FILE } from './files.ts';
import { nodesOf, type Gang } from './gang.ts';
import { ownerReference, podAnnotations, podLabels } from './metadata.ts';
import { planName, podName, serviceName } from './names.ts';

const VOLUME = { plan: `${VOLUME_PREFIX}plan`, sharedMemory: `${VOLUME_PREFIX}shared-memory` } as const;

/**
 * What the Pod Security Standard "restricted" asks for, and a user: most training images name none and would be refused
 * as root. IPC_LOCK is not added for RDMA: the standard forbids it, and a process that is not root never gets an added
 * capability into effect. What such a process may lock is the container runtime's to say: docs/annotations.md.
 */
const POD_SECURITY: V1PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

const CONTAINER_SECURITY: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** The pods of a gang, by node rank. */
export function buildPods(gang: Gang): V1Pod[] {
  return nodesOf(gang).map((_, nodeRank) => buildPod(gang, nodeRank));
}

/** The pod on the node of a rank. */
export function buildPod(gang: Gang, nodeRank: number): V1Pod {
  const { job, plan } = gang;
  const { template, resources } = job.spec;
  const node = nodesOf(gang)[nodeRank];
  invariant(node, `plan ${gang.planName} has no node ${nodeRank}`);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(job.name, nodeRank),
      namespace: job.namespace,
      labels: podLabels(gang, nodeRank),
      annotations: podAnnotations(gang, nodeRank),
      ownerReferences: [ownerReference(job)],
    },
    spec: {
      ...given(template, 'serviceAccountName', 'priorityClassName', 'schedulerName'),
      hostname: podName(job.name, nodeRank),
      subdomain: serviceName(job.name),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: template.terminationGracePeriodSeconds,
      automountServiceAccountToken: template.serviceAccountName !== undefined,
      enableServiceLinks: false,
      imagePullSecrets: template.imagePullSecrets,
      affinity: onNode(node.name),
      tolerations: tolerations(plan, resources.tolerations),
      securityContext: template.podSecurityContext ?? POD_SECURITY,
      containers: [container(gang, nodeRank, node)],
      volumes: [...planVolumes(gang), ...foreign<V1Volume>(template.volumes)],
    },
  };
}

function container(gang: Gang, nodeRank: number, node: PlannedNode): V1Container {
  const { template } = gang.job.spec;
  return {
    name: 'trainer',
    ...given(template, 'image', 'imagePullPolicy', 'command', 'args', 'workingDir'),
    env: [...planEnvironment(gang, nodeRank), ...template.env],
    envFrom: foreign<V1EnvFromSource>(template.envFrom),
    ports: [
      { name: 'master', containerPort: MASTER_PORT },
      { name: 'metrics', containerPort: gang.job.spec.monitoring.port },
    ],
    resources: resources(gang.plan, node, template),
    securityContext: template.securityContext ?? CONTAINER_SECURITY,
    volumeMounts: [...planMounts(), ...template.volumeMounts],
  };
}

function resources(plan: ParallelPlanSpec, node: PlannedNode, template: PodTemplate): V1ResourceRequirements {
  return {
    requests: template.requests,
    limits: {
      ...template.limits,
      [plan.gpuResource]: String(node.gpus),
      ...(plan.rdma && { [plan.rdma.resource]: String(plan.rdma.quantity) }),
    },
  };
}

/** Pins to a node through the scheduler, which so still checks that the node has what the pod asks for. */
function onNode(name: string): V1Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
      },
    },
  };
}

function tolerations(plan: ParallelPlanSpec, ofJob: readonly V1Toleration[]): V1Toleration[] {
  return [{ key: plan.gpuResource, operator: 'Exists' }, ...ofJob];
}

function planVolumes({ job, revision }: Gang): V1Volume[] {
  return [
    {
      name: VOLUME.plan,
      projected: {
        sources: [
          { configMap: { name: planName(job.name, revision) } },
          {
            downwardAPI: {
              items: [
                { path: PLAN_FILE.groups, fieldRef: { fieldPath: `metadata.annotations['${ANNOTATION.groups}']` } },
              ],
            },
          },
        ],
      },
    },
    { name: VOLUME.sharedMemory, emptyDir: { medium: 'Memory', sizeLimit: job.spec.template.sharedMemory } },
  ];
}

function planMounts(): V1VolumeMount[] {
  return [
    { name: VOLUME.plan, mountPath: PLAN_MOUNT_PATH, readOnly: true },
    { name: VOLUME.sharedMemory, mountPath: SHARED_MEMORY_MOUNT_PATH },
  ];
}

/** Fields of the template that the job gives; a field of a pod that is absent must not be there as undefined. */
function given<T extends object, K extends keyof T>(template: T, ...fields: readonly K[]): Pick<T, K> {
  const entries = fields.filter((field) => template[field] !== undefined).map((field) => [field, template[field]]);
  return Object.fromEntries(entries) as Pick<T, K>; // TypeScript cannot tell the keys of fromEntries
}

/** Parts of a pod that the job's schema leaves to Kubernetes: its API server validates them. */
function foreign<T extends object>(parts: readonly Partial<Record<keyof T, unknown>>[]): T[] {
  return [...parts] as T[];
}
