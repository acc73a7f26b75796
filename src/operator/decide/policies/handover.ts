import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { namesOf } from '../pods.ts';
import { withoutProfilingPods } from './profiling.ts';

/** Pods that measure hold the GPUs of those that are to train: they go first. For a plan that cannot start they may stay. */
export function handover(facts: Facts): Verdict | undefined {
  const { plan, profilingPods, obstacles } = facts;
  if (plan === undefined || profilingPods.length === 0 || obstacles.length > 0) return undefined;
  const message = `Waiting for pods to go: ${namesOf(profilingPods)}.`;
  return { reports: [{ type: 'Running', reason: 'AwaitingPods', message }], delete: withoutProfilingPods(facts) };
}
