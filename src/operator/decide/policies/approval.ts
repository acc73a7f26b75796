import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';

/** A job that asks for a review does not start before its present plan is approved. Until then it holds no GPUs. */
export function approval({ job, gang, plan }: Facts): Verdict | undefined {
  const { review, approvedRevision } = job.spec.planning;
  const revision = plan?.spec.revision;
  if (!review || gang.length > 0 || revision === undefined || approvedRevision === revision) return undefined;
  const message = `The plan of revision ${revision} waits for approval: read ParallelPlan ${plan?.metadata.name ?? ''}, then set spec.planning.approvedRevision to ${revision}.`;
  return { reports: [{ type: 'Running', reason: 'AwaitingApproval', message }], planning: 'discard' };
}
