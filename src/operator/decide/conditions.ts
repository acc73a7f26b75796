/** Conditions as Kubernetes keeps them: one of each type, with the time when its status last changed. */
import { CONDITIONS, CONDITION_TYPES, type ConditionStatus } from '../../api/conditions.ts';
import type { Condition } from '../../api/training-job-status.ts';
import type { Report } from './decision.ts';

/** What a report's reason says of the condition's status. */
export function statusOf({ type, reason }: Report): ConditionStatus {
  const reasons: Readonly<Record<string, { readonly status: ConditionStatus } | undefined>> = CONDITIONS[type].reasons;
  return reasons[reason]?.status ?? 'Unknown';
}

/** The conditions after some reports; of two reports of one type the later one counts. */
export function updateConditions(
  before: readonly Condition[],
  reports: readonly Report[],
  { generation, now }: { readonly generation: number; readonly now: number },
): Condition[] {
  const after = new Map(before.map((condition) => [condition.type, condition]));
  for (const report of new Map(reports.map((each) => [each.type, each])).values()) {
    const status = statusOf(report);
    const present = before.find(({ type }) => type === report.type);
    after.set(report.type, {
      ...report,
      status,
      observedGeneration: generation,
      lastTransitionTime:
        present?.status === status ? present.lastTransitionTime : new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    });
  }
  return CONDITION_TYPES.flatMap((type) => after.get(type) ?? []);
}
