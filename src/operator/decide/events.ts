/** Events are the history of the conditions: one for each change of a condition's status or reason. */
import type { Condition } from '../../api/training-job-status.ts';
import type { EventNote } from './decision.ts';

/** Reasons that only repeat what another condition says in the same moment. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['AwaitingPlan', 'Suspended', 'Finished', 'NotMeasured']);

const WARNINGS: ReadonlySet<string> = new Set([
  'TimeLimitReached',
  'NotEnoughGPUs',
  'NoPlanFits',
  'ProfilingFailed',
  'InvalidJob',
  'NotFound',
  'PlanRefused',
  'InternalError',
  'Restarting',
  'ObjectsRefused',
  'MoreMemoryThanPlanned',
  'SlowerThanPlanned',
  'BackoffLimitExceeded',
  'DeadlineExceeded',
]);

export function eventsOf(before: readonly Condition[] = [], after: readonly Condition[] = []): EventNote[] {
  return after
    .filter(({ type, status, reason }) => {
      const present = before.find((condition) => condition.type === type);
      return !SAID_ELSEWHERE.has(reason) && (present?.status !== status || present.reason !== reason);
    })
    .map(({ reason, message }) => ({ type: WARNINGS.has(reason) ? 'Warning' : 'Normal', reason, message }));
}
