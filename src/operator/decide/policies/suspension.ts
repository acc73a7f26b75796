import { referenceTo } from '../../kubernetes/objects.ts';
import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { isTerminating, namesOf } from '../pods.ts';

/** A suspended job has no pods and holds no GPUs. Its plan is kept. */
export function suspension(facts: Facts): Verdict | undefined {
  const { job, pods, profilingPods } = facts;
  if (!job.spec.runPolicy.suspend) return undefined;
  const left = [...pods, ...profilingPods];
  const message = left.length === 0 ? 'No pods are left.' : `Pods are being removed: ${namesOf(left)}.`;
  return {
    reports: [
      { type: 'Suspended', reason: 'SuspendRequested', message },
      { type: 'Running', reason: 'Suspended', message: 'runPolicy.suspend is true.' },
    ],
    status: { startTime: undefined, profiling: undefined },
    delete: left.filter((pod) => !isTerminating(pod)).map(referenceTo),
    planning: 'discard',
  };
}
