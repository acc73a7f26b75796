import { referenceTo } from '../../kubernetes/objects.ts';
import type { Verdict } from '../decision.ts';
import { conditionOf, type Facts } from '../facts.ts';
import { isTerminating, namesOf } from '../pods.ts';

/** Nothing new is made before every pod of an attempt before, or of before a suspension, is gone. */
export function departure(facts: Facts): Verdict | undefined {
  const { gang, leftovers } = facts;
  const leaving = [...leftovers, ...gang.filter(isTerminating)];
  if (leaving.length === 0) return undefined;
  // Why the job restarts stays to be read until the new pods are made.
  const isRestarting = conditionOf(facts, 'Running')?.reason === 'Restarting';
  const message = `Waiting for pods to go: ${namesOf(leaving)}.`;
  return {
    ...(!isRestarting && { reports: [{ type: 'Running', reason: 'AwaitingPods', message }] }),
    delete: leftovers.filter((pod) => !isTerminating(pod)).map(referenceTo),
  };
}
