import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { withoutProfilingPods } from './profiling.ts';

/** A job that asks for a review does not start before its present plan is approved. Until then it holds no GPUs. */
export function approval(facts: Facts): Verdict | undefined {
  const { job, gang, plan } = facts;
  const { review, approvedRevision } = job.spec.planning;
  const revision = plan?.spec.revision;
  if (!review || gang.length > 0 || revision === undefined || approvedRevision === revision) return undefined;
  const message = `The plan of revision ${revision} waits for approval: read ParallelPlan ${plan?.metadata.name ?? ''}, then set spec.planning.approvedRevision to ${revision}.`;
  return {
    reports: [{ type: 'Running', reason: 'AwaitingApproval', message }],
    status: { startTime: undefined }, // it may have been measured, and the time of the review is not its own
    delete: withoutProfilingPods(facts),
    planning: 'discard',
  };
}
