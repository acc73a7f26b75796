import type { Verdict } from '../decision.ts';
import { type Facts, inputsOfPlan, missingRanks } from '../facts.ts';
import { hasStarted } from '../pods.ts';
import { INPUTS_RETRY_SECONDS } from './planning.ts';

/**
 * Pods find their plan and model in a ConfigMap. Where it is gone, and what it was made from is no more, none can start;
 * pods that run have read it.
 */
export function lostConfigMap(facts: Facts): Verdict | undefined {
  const { plan, gang, inputs, present } = facts;
  if (plan === undefined || present.configMap || inputsOfPlan(facts) !== undefined) return undefined;
  if (missingRanks(facts).length === 0 && gang.every(hasStarted)) return undefined;
  const why =
    inputs.kind === 'ready'
      ? 'what the job names has changed since it was planned; suspend and resume the job to plan it anew'
      : inputs.message;
  const message = `Pods cannot start: ConfigMap ${plan.metadata.name} is gone and cannot be made again: ${why}.`;
  return {
    reports: [{ type: 'Running', reason: 'AwaitingPods', message }],
    requeueAfterSeconds: INPUTS_RETRY_SECONDS,
  };
}
