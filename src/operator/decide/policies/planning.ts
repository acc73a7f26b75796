import type { ConditionReason } from '../../../api/conditions.ts';
import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { recordPlan } from './record-plan.ts';

/** How soon to look again at objects that the job names, of which the operator is not told when they change. */
export const INPUTS_RETRY_SECONDS = 10;

/** A job without a plan for what it is now gets one. */
export function planning(facts: Facts): Verdict | undefined {
  return facts.plan === undefined ? obtainPlan(facts, 'The best plan is being searched for.') : undefined;
}

/** Starts a search, waits for it, or takes its result. @param why - Said while the search runs. */
export function obtainPlan(facts: Facts, why: string): Verdict {
  const { planning: state, inputs } = facts;
  if (inputs.kind !== 'ready') {
    const reason = inputs.kind === 'missing' ? 'NotFound' : 'InvalidJob';
    const verdict = unplanned(reason, inputs.message);
    return { ...verdict, planning: 'discard', requeueAfterSeconds: INPUTS_RETRY_SECONDS };
  }
  switch (state.kind) {
    case 'idle':
      return { ...searching(facts, why), planning: 'start' };
    case 'solving':
      return searching(facts, why);
    case 'unplanned':
      return { ...unplanned(state.reason, state.message), ...lookAgain(facts) };
    case 'planned':
      return recordPlan(facts, state, inputs.config);
  }
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
