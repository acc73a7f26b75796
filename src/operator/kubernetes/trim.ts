/** What is kept of objects that the operator reads but does not own: clusters have many, and they change all the time. */
import { ANNOTATION, LABEL } from '../../api/group.ts';
import type { Node } from './core-resources.ts';
import type { ObjectMeta, StoredObject } from './objects.ts';
import type { Pod } from './pod.ts';

/** Metadata without the record of who wrote which field, often the largest part of an object. */
export function withoutManagedFields<T extends StoredObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

/** Of pods that are not ours only what they hold of nodes. */
export function trimPod(pod: Pod): Pod {
  const { apiVersion, kind, metadata, spec, status } = pod;
  if (metadata.labels?.[LABEL.jobUid] !== undefined) return withoutManagedFields(pod);
  const resourcesOf = (containers: Pod['spec']['containers']) =>
    containers.map(({ resources = {}, restartPolicy = '' }) => ({ resources, restartPolicy }));
  return {
    apiVersion,
    kind,
    metadata: identity(metadata),
    spec: {
      ...(spec.nodeName !== undefined && { nodeName: spec.nodeName }),
      containers: resourcesOf(spec.containers),
      initContainers: resourcesOf(spec.initContainers ?? []),
    },
    status: { phase: status?.phase ?? 'Pending' },
  };
}

/** Of nodes no heartbeats, images and addresses. */
export function trimNode({ apiVersion, kind, metadata, spec = {}, status = {} }: Node): Node {
  const { taints = [], unschedulable = false } = spec;
  const { allocatable = {}, capacity = {}, conditions = [] } = status;
  const ready = conditions.filter(({ type }) => type === 'Ready');
  return {
    apiVersion,
    kind,
    metadata: { ...identity(metadata), labels: metadata.labels ?? {}, annotations: overrideOf(metadata) },
    spec: { taints, unschedulable },
    status: { allocatable, capacity, conditions: ready.map((each) => ({ ...each, lastHeartbeatTime: undefined })) },
  };
}

function overrideOf({ annotations }: ObjectMeta): Readonly<Record<string, string>> {
  const override = annotations?.[ANNOTATION.nodeOverride];
  return override === undefined ? {} : { [ANNOTATION.nodeOverride]: override };
}

function identity({ name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp }: ObjectMeta) {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    uid,
    resourceVersion,
    creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
}
