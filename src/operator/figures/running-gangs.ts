/** The gangs whose pods can be asked. */
import { LABEL } from '../../api/group.ts';
import { type ClusterView, keyOf } from '../cluster-view.ts';
import { conditionOf } from '../decide/facts.ts';
import { isTerminating } from '../decide/pods.ts';
import type { Pod } from '../kubernetes/pod.ts';
import type { RunningGang } from './figure-desk.ts';

/** The shortest time over which steps are looked at, however soon a drift is to be said. */
const SHORTEST_WINDOW_SECONDS = 60;

export function runningGangs(view: ClusterView): RunningGang[] {
  return view.jobs
    .list()
    .filter((job) => conditionOf({ job }, 'Running')?.status === 'True')
    .map((job) => {
      const { port, driftSeconds } = job.spec.monitoring;
      const windowSeconds = Math.max(SHORTEST_WINDOW_SECONDS, driftSeconds);
      const stages = job.status?.plan?.pipelineDegree ?? 0;
      return { key: keyOf(job), pods: runningPods(view.podsOf(job)), port, windowSeconds, stages };
    });
}

/** Those that run, by node rank. */
export function runningPods(pods: readonly Pod[]): Pod[] {
  const rankOf = ({ metadata }: Pod) => Number(metadata.labels?.[LABEL.nodeRank]);
  return pods
    .filter((pod) => pod.status?.phase === 'Running' && !isTerminating(pod))
    .sort((a, b) => rankOf(a) - rankOf(b));
}
