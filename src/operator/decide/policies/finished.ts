import { referenceTo } from '../../kubernetes/objects.ts';
import type { Verdict } from '../decision.ts';
import { type Facts, isOver } from '../facts.ts';
import { isFinished, isTerminating } from '../pods.ts';
import { withoutProfilingPods } from './profiling.ts';

/**
 * A job that succeeded or failed stays so. Pods that still run are removed, those that ended are kept for their logs,
 * and the job goes with everything it owns when its time to live is over.
 */
export function finished(facts: Facts): Verdict | undefined {
  const { job, pods, now } = facts;
  if (!isOver(facts)) return undefined;

  const active = pods.filter((pod) => !isFinished(pod) && !isTerminating(pod));
  const verdict: Verdict = {
    delete: [...active.map(referenceTo), ...withoutProfilingPods(facts)],
    planning: 'discard',
  };
  const { ttlSecondsAfterFinished: ttl } = job.spec.runPolicy;
  if (ttl === undefined) return verdict;
  const left = ttl - (now - Date.parse(job.status?.completionTime ?? '')) / 1000;
  return left > 0 ? { ...verdict, requeueAfterSeconds: left } : { ...verdict, delete: [referenceTo(job)] };
}
