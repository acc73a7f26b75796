import type { Pod } from '../../kubernetes/pod.ts';
import { referenceTo } from '../../kubernetes/objects.ts';
import type { Verdict } from '../decision.ts';
import { conditionOf, type Facts } from '../facts.ts';
import { isTerminating, namesOf } from '../pods.ts';

/** By which Kubernetes' own collector of pods knows that nothing runs on a node (kubernetes.io, "Node Shutdowns"). */
const OFF = 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute';

/** Nothing new is made before every pod of an attempt before, or of before a suspension, is gone. */
export function departure(facts: Facts): Verdict | undefined {
  const { gang, leftovers, silentNodes } = facts;
  const leaving = [...leftovers, ...gang.filter(isTerminating)];
  if (leaving.length === 0) return undefined;
  const stuck = silentNodes.filter((node) => leaving.some(({ spec }) => spec.nodeName === node));
  // Why the job restarts stays to be read until the new pods are made, unless somebody has to do something.
  const isRestarting = conditionOf(facts, 'Running')?.reason === 'Restarting' && stuck.length === 0;
  return {
    ...(!isRestarting && { reports: [{ type: 'Running', reason: 'AwaitingPods', message: waiting(leaving, stuck) }] }),
    delete: leftovers.filter((pod) => !isTerminating(pod)).map(referenceTo),
  };
}

/** A pod that may still run could write the same checkpoint as its successor: only others can say that it does not. */
function waiting(leaving: readonly Pod[], stuck: readonly string[]): string {
  const pods = `Waiting for pods to go: ${namesOf(leaving)}.`;
  if (stuck.length === 0) return pods;
  return `${pods} No answer from ${stuck.join(', ')}: a node that is off is to be deleted, or tainted with ${OFF}.`;
}
