import type { Verdict } from '../decision.ts';
import { type Facts, telling } from '../facts.ts';
import { finish } from './finish.ts';

/** The job has succeeded when every pod of its gang has. */
export function completion(facts: Facts): Verdict | undefined {
  const pods = telling(facts);
  const desired = facts.plan?.spec.nodes?.length;
  if (pods.length !== desired || !pods.every(({ status }) => status?.phase === 'Succeeded')) return undefined;
  const message = desired === 1 ? 'The pod succeeded.' : `All ${desired} pods succeeded.`;
  return finish(facts, { type: 'Succeeded', reason: 'PodsSucceeded', message });
}
