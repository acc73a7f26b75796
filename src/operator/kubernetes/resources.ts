/** The kinds of object that the operator reads and writes, and where the API server serves them. */
import { API_VERSION } from '../../api/group.ts';
import { invariant } from '../../api/errors.ts';
import type { HardwareProfile, ModelProfile, ParallelPlan, TrainingJob } from './custom-resources.ts';
import type { DesiredObject, StoredObject } from './objects.ts';
import type { ConfigMap, Lease, Node } from './core-resources.ts';
import type { Pod } from './pod.ts';

/** A kind of object, and in `T` the type of what the API server returns of it. */
export interface Resource<T extends StoredObject = StoredObject> {
  readonly apiVersion: string;
  readonly kind: T['kind'];
  readonly plural: string;
  readonly namespaced: boolean;
}

const TRAINING_JOB: Resource<TrainingJob> = {
  apiVersion: API_VERSION,
  kind: 'TrainingJob',
  plural: 'trainingjobs',
  namespaced: true,
};
const PARALLEL_PLAN: Resource<ParallelPlan> = {
  apiVersion: API_VERSION,
  kind: 'ParallelPlan',
  plural: 'parallelplans',
  namespaced: true,
};
const MODEL_PROFILE: Resource<ModelProfile> = {
  apiVersion: API_VERSION,
  kind: 'ModelProfile',
  plural: 'modelprofiles',
  namespaced: true,
};
const HARDWARE_PROFILE: Resource<HardwareProfile> = {
  apiVersion: API_VERSION,
  kind: 'HardwareProfile',
  plural: 'hardwareprofiles',
  namespaced: false,
};
const POD: Resource<Pod> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const NODE: Resource<Node> = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
const CONFIG_MAP: Resource<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const SERVICE: Resource = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true };
const EVENT: Resource = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true };
const LEASE: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

export const RESOURCE = {
  trainingJob: TRAINING_JOB,
  parallelPlan: PARALLEL_PLAN,
  modelProfile: MODEL_PROFILE,
  hardwareProfile: HARDWARE_PROFILE,
  pod: POD,
  node: NODE,
  configMap: CONFIG_MAP,
  service: SERVICE,
  event: EVENT,
  lease: LEASE,
} as const;

const BY_KIND: ReadonlyMap<string, Resource> = new Map(
  Object.values(RESOURCE).map((resource) => [`${resource.apiVersion}/${resource.kind}`, resource]),
);

/** @throws InternalError for a kind that is not in {@link RESOURCE}. */
export function resourceOf({ apiVersion = '', kind = '' }: Pick<DesiredObject, 'apiVersion' | 'kind'>): Resource {
  const resource = BY_KIND.get(`${apiVersion}/${kind}`);
  invariant(resource, `the operator does not deal with ${kind} of ${apiVersion}`);
  return resource;
}

/** Path of a resource's collection, or of one object in it. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
  const { apiVersion, plural, namespaced } = resource;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
