/** The pods of a gang: one for each node of the plan, pinned to it, with everything torchrun and NCCL need. */
import type {
  V1Affinity,
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1Pod,
  V1PodSecurityContext,
  V1ResourceRequirements,
  V1SecurityContext,
  V1Toleration,
  V1Volume,
  V1VolumeMount,
  V1VolumeProjection,
} from '@kubernetes/client-node';
import { ANNOTATION } from '../api/group.ts';
import { invariant } from '../api/errors.ts';
import type { PlannedNode } from '../api/parallel-plan.ts';
import { PLAN_MOUNT_PATH, SHARED_MEMORY_MOUNT_PATH, VOLUME_PREFIX, type PodTemplate } from '../api/pod-template.ts';
import { MASTER_PORT, planEnvironment } from './environment.ts';
import { PLAN_FILE } from './files.ts';
import { nodesOf, type Gang, type Placement } from './gang.ts';
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
  const { template } = gang.job.spec;
  return buildPodFor(gang, nodeRank, {
    name: podName(gang.job.name, nodeRank),
    labels: podLabels(gang, nodeRank),
    annotations: podAnnotations(gang, nodeRank),
    program: given(template, 'command', 'args'),
    environment: planEnvironment(gang, nodeRank),
    files: planFiles(gang),
  });
}

/** What pods of a job differ in that do different things. */
export interface Purpose {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly program: Pick<V1Container, 'command' | 'args'>;
  /** Variables besides those of the job's template. */
  readonly environment: V1EnvVar[];
  /** What is mounted at {@link PLAN_MOUNT_PATH}. */
  readonly files: V1VolumeProjection[];
  /** Kubernetes ends the pod after so many seconds; never where absent. */
  readonly longestSeconds?: number;
}

/** A pod on the node of a rank, as the job's template has it, for whatever purpose. */
export function buildPodFor(placement: Placement, nodeRank: number, purpose: Purpose): V1Pod {
  const { job, plan } = placement;
  const { template, resources } = job.spec;
  const node = nodesOf(placement)[nodeRank];
  invariant(node, `plan ${placement.planName} has no node ${nodeRank}`);
  const { name, labels, annotations, longestSeconds } = purpose;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: job.namespace, labels, annotations, ownerReferences: [ownerReference(job)] },
    spec: {
      ...given(template, 'serviceAccountName', 'priorityClassName', 'schedulerName'),
      hostname: name,
      subdomain: serviceName(job.name),
      restartPolicy: 'Never',
      ...(longestSeconds !== undefined && { activeDeadlineSeconds: longestSeconds }),
      terminationGracePeriodSeconds: template.terminationGracePeriodSeconds,
      automountServiceAccountToken: template.serviceAccountName !== undefined,
      enableServiceLinks: false,
      imagePullSecrets: template.imagePullSecrets,
      affinity: onNode(node.name),
      tolerations: tolerations(plan, resources.tolerations),
      securityContext: template.podSecurityContext ?? POD_SECURITY,
      containers: [container(placement, node, purpose)],
      volumes: [...ownVolumes(placement, purpose), ...foreign<V1Volume>(template.volumes)],
    },
  };
}

function container({ job, plan }: Placement, node: PlannedNode, { program, environment }: Purpose): V1Container {
  const { template, monitoring } = job.spec;
  return {
    name: 'trainer',
    ...given(template, 'image', 'imagePullPolicy'),
    ...program,
    ...given(template, 'workingDir'),
    env: [...environment, ...template.env],
    envFrom: foreign<V1EnvFromSource>(template.envFrom),
    ports: [
      { name: 'master', containerPort: MASTER_PORT },
      { name: 'metrics', containerPort: monitoring.port },
    ],
    resources: resources(plan, node, template),
    securityContext: template.securityContext ?? CONTAINER_SECURITY,
    volumeMounts: [...ownMounts(), ...template.volumeMounts],
  };
}

function resources(plan: Placement['plan'], node: PlannedNode, template: PodTemplate): V1ResourceRequirements {
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

function tolerations(plan: Placement['plan'], ofJob: readonly V1Toleration[]): V1Toleration[] {
  return [{ key: plan.gpuResource, operator: 'Exists' }, ...ofJob];
}

function planFiles({ job, revision }: Gang): V1VolumeProjection[] {
  const groups = { fieldPath: `metadata.annotations['${ANNOTATION.groups}']` };
  return [
    { configMap: { name: planName(job.name, revision) } },
    { downwardAPI: { items: [{ path: PLAN_FILE.groups, fieldRef: groups }] } },
  ];
}

function ownVolumes({ job }: Placement, { files }: Purpose): V1Volume[] {
  return [
    { name: VOLUME.plan, projected: { sources: files } },
    { name: VOLUME.sharedMemory, emptyDir: { medium: 'Memory', sizeLimit: job.spec.template.sharedMemory } },
  ];
}

function ownMounts(): V1VolumeMount[] {
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
