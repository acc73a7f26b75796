import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { describeWaiting, hasStarted } from '../pods.ts';

/** Every pod is there: says whether all run, and what those wait for that do not. */
export function running({ gang }: Facts): Verdict {
  const started = gang.every(hasStarted);
  const message = started ? `All ${gang.length} pods run.` : `${describeWaiting(gang, gang.length)}.`;
  return { reports: [{ type: 'Running', reason: started ? 'PodsRunning' : 'AwaitingPods', message }] };
}
