import type { ConditionReason } from '../../../api/conditions.ts';
import type { Verdict } from '../decision.ts';
import type { PlanningResult } from '../../planning/result.ts';
import { describeMargin } from '../out-of-memory.ts';
import type { Facts } from '../facts.ts';
import { profiling, profilingPause, withoutMeasurement } from './profiling.ts';
import { recordPlan } from './record-plan.ts';

/** How soon to look again at objects that the job names, of which the operator is not told when they change. */
export const INPUTS_RETRY_SECONDS = 10;

/** A job without a plan for what it is now gets one. */
export function planning(facts: Facts): Verdict | undefined {
  if (facts.plan !== undefined) return undefined;
  const { outOfMemory } = facts.job.status ?? {};
  const margin = outOfMemory === undefined ? '' : `; ${describeMargin(outOfMemory)}`;
  return obtainPlan(facts, `The best plan is being searched for${margin}.`);
}

/** Starts a search, waits for it, or takes its result. @param why - Said while the search runs. */
export function obtainPlan(facts: Facts, why: string): Verdict {
  const { planning: state, inputs } = facts;
  if (inputs.kind !== 'ready') {
    const reason = inputs.kind === 'missing' ? 'NotFound' : 'InvalidJob';
    const verdict = unplanned(reason, inputs.message);
    return {
      ...verdict,
      ...withoutMeasurement(facts),
      planning: 'discard',
      requeueAfterSeconds: INPUTS_RETRY_SECONDS,
    };
  }
  const pause = profilingPause(facts);
  if (pause !== undefined) return pause;
  switch (state.kind) {
    case 'idle':
      return { ...searching(facts, why), planning: 'start' };
    case 'solving':
      return searching(facts, why);
    case 'unplanned':
      return {
        ...unplanned(state.reason, withMargin(facts, state)),
        ...withoutMeasurement(facts),
        ...lookAgain(facts),
      };
    case 'planned':
      return profiling(facts, state, inputs) ?? recordPlan(facts, state, inputs.config);
  }
}

/** What fits is less than before, where memory has run out. */
function withMargin({ job }: Facts, { reason, message }: Extract<PlanningResult, { kind: 'unplanned' }>): string {
  const { outOfMemory } = job.status ?? {};
  return outOfMemory === undefined || reason !== 'NoPlanFits' ? message : `${message}; ${describeMargin(outOfMemory)}`;
}

/** What is wrong may be mended in the ConfigMap that holds the model. */
function lookAgain({ job }: Facts): Pick<Verdict, 'requeueAfterSeconds'> {
  return job.spec.model.configMap === undefined ? {} : { requeueAfterSeconds: INPUTS_RETRY_SECONDS };
}

function searching({ job, now }: Facts, message: string): Verdict {
  const planningStartTime = job.status?.planningStartTime ?? new Date(now).toISOString();
  return { ...unplanned('Solving', message), status: { planningStartTime } };
}

function unplanned(reason: ConditionReason<'Planned'>, message: string): Verdict {
  return {
    reports: [
      { type: 'Planned', reason, message },
      { type: 'Running', reason: 'AwaitingPlan', message: 'See the condition Planned.' },
    ],
  };
}
