/** The operator's view of the cluster: copies of all objects that it decides by, and how they belong together. */
import type { Logger } from 'winston';
import { LABEL } from '../api/group.ts';
import { isOver } from './decide/facts.ts';
import type { JobState } from './decide/state.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { Node } from './kubernetes/core-resources.ts';
import type { HardwareProfile, ModelProfile, ParallelPlan, TrainingJob } from './kubernetes/custom-resources.ts';
import { ObjectCache } from './kubernetes/object-cache.ts';
import type { StoredObject } from './kubernetes/objects.ts';
import type { Pod } from './kubernetes/pod.ts';
import { RESOURCE } from './kubernetes/resources.ts';
import { isWithoutPlan } from './planning/reservations.ts';
import { trimNode, trimPod, withoutManagedFields } from './kubernetes/trim.ts';

export interface ClusterViewOptions {
  readonly client: KubernetesClient;
  /** Jobs of this namespace only; nodes and the pods on them are read of the whole cluster all the same. */
  readonly namespace: string | undefined;
  readonly log: Logger;
  /** A job or something of a job changed. */
  readonly onJobChange: (key: string) => void;
  /** What jobs are planned by changed: nodes or profiles did, or GPUs may have been taken or given back. */
  readonly onSupplyChange: () => void;
}

export class ClusterView {
  readonly jobs: ObjectCache<TrainingJob>;
  readonly plans: ObjectCache<ParallelPlan>;
  readonly pods: ObjectCache<Pod>;
  readonly nodes: ObjectCache<Node>;
  readonly modelProfiles: ObjectCache<ModelProfile>;
  readonly hardwareProfiles: ObjectCache<HardwareProfile>;
  readonly #services: ObjectCache<StoredObject>;
  readonly #configMaps: ObjectCache<StoredObject>;
  readonly #client: KubernetesClient;

  constructor({ client, namespace, log, onJobChange, onSupplyChange }: ClusterViewOptions) {
    this.#client = client;
    const base = { client, log };
    const owned = { ...base, namespace, index: jobUidOf, trim: withoutManagedFields };
    const ownedChange = (after: StoredObject | undefined, before: StoredObject | undefined) => {
      const object = after ?? before;
      const job = object && this.#jobOf(object);
      if (job !== undefined) onJobChange(keyOf(job));
    };
    this.jobs = new ObjectCache<TrainingJob>({
      ...base,
      namespace,
      resource: RESOURCE.trainingJob,
      index: ({ metadata }) => metadata.uid,
      trim: withoutManagedFields,
      onChange: (after, before) => {
        const job = after ?? before;
        if (job !== undefined) onJobChange(keyOf(job));
        if (claimOf(after) !== claimOf(before)) onSupplyChange();
      },
    });
    this.plans = new ObjectCache<ParallelPlan>({
      ...owned,
      resource: RESOURCE.parallelPlan,
      onChange: (after, before) => {
        ownedChange(after, before);
        const plan = after ?? before;
        if (plan !== undefined)
          this.#jobsNaming(plan).forEach((job) => {
            onJobChange(keyOf(job));
          });
      },
    });
    this.pods = new ObjectCache<Pod>({
      ...base,
      resource: RESOURCE.pod,
      index: jobUidOf,
      trim: trimPod,
      onChange: (after, before) => {
        ownedChange(after, before);
        if (useOf(after) !== useOf(before)) onSupplyChange();
      },
    });
    this.nodes = new ObjectCache<Node>({
      ...base,
      resource: RESOURCE.node,
      trim: trimNode,
      onChange: (after, before) => {
        onSupplyChange();
        if (answers(after) !== answers(before))
          this.#podsOn(after ?? before).forEach((pod) => {
            ownedChange(pod, undefined);
          });
      },
    });
    const profiles = { ...base, trim: withoutManagedFields, onChange: onSupplyChange };
    this.modelProfiles = new ObjectCache<ModelProfile>({ ...profiles, namespace, resource: RESOURCE.modelProfile });
    this.hardwareProfiles = new ObjectCache<HardwareProfile>({ ...profiles, resource: RESOURCE.hardwareProfile });
    const ours = { ...owned, labelSelector: LABEL.jobUid, onChange: ownedChange };
    this.#services = new ObjectCache<StoredObject>({ ...ours, resource: RESOURCE.service });
    this.#configMaps = new ObjectCache<StoredObject>({ ...ours, resource: RESOURCE.configMap });
  }

  /** Resolves when everything that is there has been seen. */
  get synced(): Promise<unknown> {
    return Promise.all(this.#caches().map(({ synced }) => synced));
  }

  get isSynced(): boolean {
    return this.#caches().every(({ isSynced }) => isSynced);
  }

  /** Follows the cluster until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#caches().map((cache) => cache.run(signal)));
  }

  /** Plans that the job owns, by revision. */
  plansOf({ metadata }: TrainingJob): readonly ParallelPlan[] {
    const revisionOf = ({ spec }: ParallelPlan) => spec.revision ?? 0;
    return this.plans.select(metadata.uid).toSorted((a, b) => revisionOf(a) - revisionOf(b));
  }

  /** The job's pods that train. */
  podsOf({ metadata }: TrainingJob): readonly Pod[] {
    return this.pods.select(metadata.uid).filter((pod) => !measures(pod));
  }

  /** The job's pods that measure, before it is planned. */
  profilingPodsOf({ metadata }: TrainingJob): readonly Pod[] {
    return this.pods.select(metadata.uid).filter(measures);
  }

  hasService({ metadata }: TrainingJob): boolean {
    return this.#services.select(metadata.uid).length > 0;
  }

  hasConfigMap({ metadata }: TrainingJob, name: string): boolean {
    return this.#configMaps.select(metadata.uid).some((configMap) => configMap.metadata.name === name);
  }

  /** The job's pods of either kind as the API server has them now, however late the watch is. */
  async listPodsOf({ metadata }: TrainingJob): Promise<Pick<JobState, 'pods' | 'profilingPods'>> {
    const { namespace, uid } = metadata;
    const { items } = await this.#client.list(RESOURCE.pod, { namespace, labelSelector: `${LABEL.jobUid}=${uid}` });
    return { pods: items.filter((pod) => !measures(pod)), profilingPods: items.filter(measures) };
  }

  /** Takes over what a write returned. */
  put(object: StoredObject): void {
    const cache = this.#caches().find(({ kind }) => kind === object.kind);
    cache?.put(object);
  }

  #caches(): readonly Pick<ObjectCache<StoredObject>, 'kind' | 'synced' | 'isSynced' | 'run' | 'put'>[] {
    return [
      this.jobs,
      this.plans,
      this.pods,
      this.nodes,
      this.modelProfiles,
      this.hardwareProfiles,
      this.#services,
      this.#configMaps,
    ];
  }

  #podsOn(node: Node | undefined): readonly Pod[] {
    return this.pods.list().filter(({ spec }) => spec.nodeName === node?.metadata.name);
  }

  /** Jobs that are to run by this plan of a user's own. */
  #jobsNaming({ metadata }: ParallelPlan): readonly TrainingJob[] {
    return this.jobs
      .list()
      .filter((job) => job.metadata.namespace === metadata.namespace && job.spec.planning.planName === metadata.name);
  }

  #jobOf(object: StoredObject): TrainingJob | undefined {
    return this.jobs.select(jobUidOf(object) ?? '')[0];
  }
}

export function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function jobUidOf({ metadata }: StoredObject): string | undefined {
  return metadata.labels?.[LABEL.jobUid];
}

function measures({ metadata }: Pod): boolean {
  return metadata.labels?.[LABEL.profiling] !== undefined;
}

/** Whether a node's kubelet reports, and that it can run pods. */
export function answers(node: Node | undefined): boolean {
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** What decides whether a job's plan holds GPUs, and which. The other news of a job would only repeat searches in vain. */
function claimOf(job: TrainingJob | undefined): string {
  if (job === undefined) return '';
  const { generation, deletionTimestamp } = job.metadata;
  const { plan } = job.status ?? {};
  return [generation, deletionTimestamp, plan?.name, isOver({ job }), isWithoutPlan(job, [])].join(' ');
}

/** What decides whether a pod holds GPUs, and where. */
function useOf(pod: Pod | undefined): string {
  return `${pod?.spec.nodeName ?? ''} ${pod?.status?.phase ?? ''}`;
}
