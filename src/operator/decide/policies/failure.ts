import type { Pod } from '../../kubernetes/pod.ts';
import type { Verdict } from '../decision.ts';
import { type Facts, missingRanks, telling } from '../facts.ts';
import { describeFailure, firstFailed, isTerminating } from '../pods.ts';
import { finish } from './finish.ts';

/**
 * Where one pod fails, all must start again: the others wait for it in their next collective operation. The count goes up
 * here and the pods go in the next reconcile, when the count is stored, so that no failure is counted twice or lost.
 */
export function failure(facts: Facts): Verdict | undefined {
  const cause = causeOf(facts);
  if (cause === undefined) return undefined;
  const { attempt } = facts;
  const { backoffLimit } = facts.job.spec.runPolicy;
  if (attempt >= backoffLimit) {
    const message = `Failed after ${attempt} of ${backoffLimit} restarts: ${cause}`;
    return finish(facts, { type: 'Failed', reason: 'BackoffLimitExceeded', message });
  }
  return {
    reports: [
      { type: 'Running', reason: 'Restarting', message: `Restart ${attempt + 1} of ${backoffLimit}: ${cause}` },
    ],
    status: { restarts: attempt + 1 },
  };
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
