/** GPUs that are spoken for and that no bound pod requests yet. */
import type { PlannedNode } from '../../api/parallel-plan.ts';
import type { TrainingJob } from '../kubernetes/custom-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { conditionOf, isOver } from '../decide/facts.ts';
import { LABEL } from '../../api/group.ts';

/** A job with the nodes of the plan that it will run or runs by. */
export interface Holder {
  readonly job: TrainingJob;
  readonly revision: number;
  readonly nodes: readonly PlannedNode[];
  readonly pods: readonly Pod[];
}

/**
 * GPUs by node that the plans of some jobs hold. A plan holds GPUs from when it is accepted, so not while it waits for a
 * review, and not while its job is suspended or over. Where a pod is bound or has succeeded, the pod itself says what it
 * holds; where one has failed, the plan holds the GPUs for the pod that comes after it.
 */
export function reservationsOf(holders: readonly Holder[]): ReadonlyMap<string, number> {
  const reserved = new Map<string, number>();
  for (const { nodes, pods } of holders.filter(holds)) {
    const settled = new Set(pods.filter(isSettled).map(rankOf));
    nodes.forEach(({ name, gpus }, rank) => {
      if (!settled.has(String(rank))) reserved.set(name, (reserved.get(name) ?? 0) + gpus);
    });
  }
  return reserved;
}

/**
 * Whether a job was planned anew and no plan fits, as after it ran out of memory: what it last ran by holds nothing any more.
 */
export function isWithoutPlan(job: TrainingJob, pods: readonly Pod[]): boolean {
  return pods.length === 0 && conditionOf({ job }, 'Planned')?.reason === 'NoPlanFits';
}

/** Holders whose claims stand before a job's own: older ones and those that have begun. Of two, one always goes first. */
export function ahead(holders: readonly Holder[], job: TrainingJob): readonly Holder[] {
  return holders.filter((holder) => holder.pods.length > 0 || byAge(holder.job, job) < 0);
}

/** The older job first; of two as old, always the same. */
export function byAge({ metadata: a }: TrainingJob, { metadata: b }: TrainingJob): number {
  return a.creationTimestamp.localeCompare(b.creationTimestamp) || a.uid.localeCompare(b.uid);
}

function holds({ job, revision, pods }: Holder): boolean {
  const { planning, runPolicy } = job.spec;
  if (isOver({ job }) || runPolicy.suspend || job.metadata.deletionTimestamp !== undefined) return false;
  return !planning.review || planning.approvedRevision === revision || pods.length > 0;
}

function isSettled({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status?.phase !== 'Failed';
}

function rankOf({ metadata }: Pod): string {
  return metadata.labels?.[LABEL.nodeRank] ?? '';
}
