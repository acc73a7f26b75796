import type { ConditionReason } from '../../../api/conditions.ts';
import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { recordPlan } from './record-plan.ts';

/** How soon to look again for an object that the job names and that does not exist. */
const NOT_FOUND_RETRY_SECONDS = 10;

/** A job without a plan for what it is now gets one. */
export function planning(facts: Facts): Verdict | undefined {
  return facts.plan === undefined ? obtainPlan(facts, 'The best plan is being searched for.') : undefined;
}

/** Starts a search, waits for it, or takes its result. @param why - Said while the search runs. */
export function obtainPlan(facts: Facts, why: string): Verdict {
  const { planning: state, inputs } = facts;
  if (inputs.kind === 'invalid') return { ...unplanned('InvalidJob', inputs.message), planning: 'discard' };
  if (inputs.kind === 'missing') {
    const verdict = unplanned('NotFound', inputs.message);
    return { ...verdict, planning: 'discard', requeueAfterSeconds: NOT_FOUND_RETRY_SECONDS };
  }
  switch (state.kind) {
    case 'idle':
      return { ...searching(facts, why), planning: 'start' };
    case 'solving':
      return searching(facts, why);
    case 'unplanned':
      return unplanned(state.reason, state.message);
    case 'planned':
      return recordPlan(facts, state.plan, inputs.config);
  }
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
