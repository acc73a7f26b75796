import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { finish } from './finish.ts';

/** The job fails when its pods have been there for longer than it allows; time spent suspended or waiting is not counted. */
export function deadline(facts: Facts): Verdict | undefined {
  const { activeDeadlineSeconds } = facts.job.spec.runPolicy;
  const left = secondsToDeadline(facts);
  if (left === undefined || left > 0) return undefined;
  const message = `The job was active for longer than activeDeadlineSeconds, ${activeDeadlineSeconds ?? 0} s.`;
  return finish(facts, { type: 'Failed', reason: 'DeadlineExceeded', message });
}

/** Seconds until the job fails by {@link deadline}; undefined where it has no deadline or has not started. */
export function secondsToDeadline({ job, now }: Facts): number | undefined {
  const { activeDeadlineSeconds } = job.spec.runPolicy;
  const { startTime } = job.status ?? {};
  if (activeDeadlineSeconds === undefined || startTime === undefined) return undefined;
  return activeDeadlineSeconds - (now - Date.parse(startTime)) / 1000;
}
