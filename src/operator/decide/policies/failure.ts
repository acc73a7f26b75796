import type { OutOfMemory } from '../../../api/training-job-status.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import type { Verdict } from '../decision.ts';
import { type Facts, missingRanks, telling } from '../facts.ts';
import { describeMargin, learnt } from '../out-of-memory.ts';
import { describeFailure, firstFailed, hasLostPeer, isFinished, isTerminating } from '../pods.ts';
import { failedContainer, terminationOf } from '../termination.ts';
import { finish } from './finish.ts';

/** After the first pod has lost another one. */
const CAUSE_SECONDS = 10;

/**
 * Where one pod fails, all must start again: the others wait for it in their next collective operation. The count goes up
 * here and the pods go in the next reconcile, when the count is stored, so that no failure is counted twice or lost.
 */
export function failure(facts: Facts): Verdict | undefined {
  const seconds = secondsToWaitForCause(facts);
  if (seconds > 0) return { requeueAfterSeconds: seconds };
  const cause = causeOf(facts);
  if (cause === undefined) return undefined;
  const { attempt } = facts;
  const { backoffLimit } = facts.job.spec.runPolicy;
  const outOfMemory = learntFrom(facts);
  if (attempt >= backoffLimit) {
    const message = `Failed after ${attempt} of ${backoffLimit} restarts: ${cause}`;
    return withLesson(finish(facts, { type: 'Failed', reason: 'BackoffLimitExceeded', message }), outOfMemory);
  }
  const lesson = outOfMemory === undefined ? '' : `. The next plan allows for more: ${describeMargin(outOfMemory)}`;
  const message = `Restart ${attempt + 1} of ${backoffLimit}: ${cause}${lesson}`;
  return withLesson(
    { reports: [{ type: 'Running', reason: 'Restarting', message }], status: { restarts: attempt + 1 } },
    outOfMemory,
  );
}

function withLesson(verdict: Verdict, outOfMemory: OutOfMemory | undefined): Verdict {
  return outOfMemory === undefined ? verdict : { ...verdict, status: { ...verdict.status, outOfMemory } };
}

/** A plan of a user's own stays what it is: the job starts again by it. */
function learntFrom(facts: Facts): OutOfMemory | undefined {
  const { job, plan } = facts;
  const failed = firstFailed(telling(facts));
  const said = failed && terminationOf(failed);
  if (said?.reason !== 'OutOfMemory' || plan === undefined || job.spec.planning.planName !== undefined)
    return undefined;
  return learnt(said, plan.spec);
}

/** Of pods that lose one another, the one that knows why is often seen a moment later. */
function secondsToWaitForCause(facts: Facts): number {
  const failed = firstFailed(telling(facts));
  if (failed === undefined || !hasLostPeer(failed) || facts.gang.every(isFinished)) return 0;
  const ended = Date.parse(failedContainer(failed)?.finishedAt ?? '');
  return Number.isNaN(ended) ? 0 : Math.min(CAUSE_SECONDS, CAUSE_SECONDS - (facts.now - ended) / 1000);
}

/** Why the gang cannot go on; undefined where it can. */
function causeOf(facts: Facts): string | undefined {
  const { gang, wasRunning } = facts;
  const failed = firstFailed(telling(facts));
  if (failed !== undefined) return describeFailure(failed);
  if (!wasRunning) return undefined; // a pod that goes before all have started is simply made again
  const leaving = gang.find(isTerminating);
  if (leaving !== undefined) return `pod ${leaving.metadata.name} is being deleted${whyDisrupted(leaving)}`;
  const [lost] = missingRanks(facts);
  return lost === undefined ? undefined : `the pod of node rank ${lost} was deleted`;
}

function whyDisrupted({ status }: Pod): string {
  const disruption = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return disruption === undefined ? '' : ` (${disruption.reason ?? ''}: ${disruption.message ?? ''})`;
}
