/** What a job may run on now, beside what others hold. */
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import { readNodes } from '../cluster/read-nodes.ts';
import type { PlanRequest } from '../plan/plan-job.ts';
import { LABEL } from '../api/group.ts';
import type { ClusterView } from './cluster-view.ts';
import { planInForce } from './decide/facts.ts';
import { specDigest } from './decide/planning-digest.ts';
import { isFinished } from './decide/pods.ts';
import type { TrainingJob } from './kubernetes/custom-resources.ts';
import type { Pod } from './kubernetes/pod.ts';
import { ahead, type Holder, isWithoutPlan, reservationsOf } from './planning/reservations.ts';

/**
 * All other jobs that have a plan.
 *
 * @param unrecorded - Those whose plan is not recorded yet, which may be measuring.
 */
export function otherHolders(
  view: ClusterView,
  job: TrainingJob,
  unrecorded: readonly Omit<Holder, 'pods'>[],
): readonly Holder[] {
  const isOther = (other: TrainingJob) => other.metadata.uid !== job.metadata.uid;
  const measuring = unrecorded.filter((holder) => isOther(holder.job));
  return [
    ...view.jobs
      .list()
      .filter(isOther)
      .flatMap((other) => holderOf(view, other)),
    ...measuring.map((holder) => ({
      ...holder,
      pods: view.profilingPodsOf(holder.job).filter((pod) => !isFinished(pod)),
    })),
  ];
}

function holderOf(view: ClusterView, job: TrainingJob): readonly Holder[] {
  const pods = view.podsOf(job);
  if (isWithoutPlan(job, pods)) return [];
  const { spec } = planInForce(view.plansOf(job), specDigest(job.spec), pods[0]) ?? {};
  return spec?.revision === undefined ? [] : [{ job, revision: spec.revision, nodes: spec.nodes ?? [], pods }];
}

/** The cluster as the planner is to see it for a job: what other jobs' plans hold is not free. */
export function clusterFor(
  view: ClusterView,
  job: TrainingJob,
  holders: readonly Holder[],
): Required<Pick<PlanRequest, 'nodes' | 'pods' | 'reservations'>> {
  return {
    nodes: view.nodes.list(),
    pods: podsOfOthers(view, job),
    reservations: reservationsOf(holders),
  };
}

/** Why nodes of a plan cannot be used now; empty where all can. Claims of younger jobs that have not begun do not count. */
export function obstaclesOf(
  view: ClusterView,
  job: TrainingJob,
  { nodes = [] }: ParallelPlanSpec,
  holders: readonly Holder[],
): string[] {
  const { nodeSelector, tolerations } = job.spec.resources;
  const reservations = reservationsOf(ahead(holders, job));
  const present = nodes.flatMap(({ name }) => view.nodes.get('', name) ?? []);
  const selection = { nodeSelector, tolerations, reservations };
  const reading = readNodes(present, podsOfOthers(view, job), selection);
  const free = new Map(reading.nodes.map((node) => [node.name, node.free]));
  const reasons = new Map(reading.excluded.map(({ name, reason }) => [name, reason]));
  return nodes.flatMap(({ name, gpus }) => {
    const left = free.get(name);
    if (left === undefined) return [`node ${name}: ${reasons.get(name) ?? 'does not exist'}`];
    return left < gpus ? [`node ${name}: ${left} of ${gpus} GPUs free`] : [];
  });
}

function podsOfOthers(view: ClusterView, { metadata }: TrainingJob): readonly Pod[] {
  return view.pods.list().filter((pod) => pod.metadata.labels?.[LABEL.jobUid] !== metadata.uid);
}
