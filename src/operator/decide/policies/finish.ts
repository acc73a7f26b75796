import { referenceTo } from '../../kubernetes/objects.ts';
import type { Report, Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { isFinished, isTerminating } from '../pods.ts';
import { withoutProfilingPods } from './profiling.ts';

/** Ends the job: reports how, and removes the pods that still run. */
export function finish(facts: Facts, report: Report & { type: 'Succeeded' | 'Failed' }): Verdict {
  const { pods, now } = facts;
  const active = pods.filter((pod) => !isFinished(pod) && !isTerminating(pod)).map(referenceTo);
  return {
    reports: [report, { type: 'Running', reason: 'Finished', message: `The job ${report.type.toLowerCase()}.` }],
    status: { completionTime: new Date(now).toISOString() },
    delete: [...active, ...withoutProfilingPods(facts)],
    planning: 'discard',
  };
}
