/**
 * What to do about a job, from everything that is known of it: a pure function. The policies are asked in order, and the
 * first that has something to say decides; what follows for status and events is the same for all.
 */
import type { Condition, TrainingJobStatus } from '../../api/training-job-status.ts';
import { canonicalJson } from './canonical-json.ts';
import { updateConditions } from './conditions.ts';
import type { Decision, Report, Verdict } from './decision.ts';
import { eventsOf } from './events.ts';
import { conditionOf, type Facts, factsOf, isOver } from './facts.ts';
import { isReady } from './pods.ts';
import { approval } from './policies/approval.ts';
import { completion } from './policies/completion.ts';
import { creation } from './policies/creation.ts';
import { deadline, secondsToDeadline } from './policies/deadline.ts';
import { departure } from './policies/departure.ts';
import { failure } from './policies/failure.ts';
import { finished } from './policies/finished.ts';
import { handover } from './policies/handover.ts';
import { lostConfigMap } from './policies/lost-config-map.ts';
import { planning } from './policies/planning.ts';
import { running } from './policies/running.ts';
import { suspension } from './policies/suspension.ts';
import { reportFigures } from './report-figures.ts';
import { plannedReport, planSummary } from './report-plan.ts';
import { runToKeep } from './run-to-keep.ts';
import type { JobState } from './state.ts';

type Policy = (facts: Facts) => Verdict | undefined;

const POLICIES: readonly Policy[] = [
  finished,
  completion,
  deadline,
  suspension,
  failure,
  departure,
  planning,
  approval,
  lostConfigMap,
  handover,
  creation,
  running,
];

export function decide(state: JobState): Decision {
  const facts = factsOf(state);
  return complete(facts, verdictOn(facts));
}

/** The decision after the API server has refused an object of the job. */
export function decideAfterRefusal(state: JobState, message: string): Decision {
  const report: Report = { type: 'Running', reason: 'ObjectsRefused', message };
  return complete(factsOf(state), { reports: [report] });
}

function verdictOn(facts: Facts): Verdict {
  if (facts.job.metadata.deletionTimestamp !== undefined) return { planning: 'discard' }; // what it owns goes with it
  for (const policy of POLICIES) {
    const verdict = policy(facts);
    if (verdict !== undefined) return verdict;
  }
  return {};
}

function complete(facts: Facts, verdict: Verdict): Decision {
  const orders = {
    apply: verdict.apply ?? [],
    delete: verdict.delete ?? [],
    planning: verdict.planning,
    readProfileFrom: verdict.readProfileFrom,
  };
  const { job } = facts;
  if (job.metadata.deletionTimestamp !== undefined || isOver(facts)) {
    return {
      ...orders,
      keep: undefined,
      status: undefined,
      events: [],
      requeueAfterSeconds: verdict.requeueAfterSeconds,
    };
  }
  const status = statusAfter(facts, verdict);
  return {
    ...orders,
    keep: runToKeep(facts, status),
    status: canonicalJson(status) === canonicalJson(job.status ?? {}) ? undefined : status,
    events: eventsOf(job.status?.conditions, status.conditions),
    requeueAfterSeconds: soonest(verdict.requeueAfterSeconds, secondsToDeadline(facts)),
  };
}

function statusAfter(facts: Facts, verdict: Verdict): TrainingJobStatus {
  const { job, gang, plan, now } = facts;
  const generation = job.metadata.generation ?? 0;
  const figures = reportFigures(facts);
  const reports = [...standingReports(facts), ...figures.reports, ...(verdict.reports ?? [])];
  const conditions = updateConditions(job.status?.conditions ?? [], reports, { generation, now });
  const count = (phase: string) => gang.filter(({ status }) => status?.phase === phase).length;
  const fields: { [F in keyof TrainingJobStatus]?: TrainingJobStatus[F] | undefined } = {
    ...job.status,
    observedGeneration: generation,
    conditions,
    state: stateOf(conditions),
    planningStartTime: undefined,
    plan: plan && planSummary(plan),
    actual: figures.actual,
    pods: {
      desired: plan?.spec.nodes?.length ?? 0,
      ready: gang.filter(isReady).length,
      succeeded: count('Succeeded'),
      failed: count('Failed'),
    },
    restarts: facts.attempt,
    ...verdict.status,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What holds whatever the policies say; their own reports come after and count more. */
function standingReports(facts: Facts): Report[] {
  const { job, plan } = facts;
  const reports: Report[] = [];
  if (plan !== undefined) reports.push(plannedReport(plan, job.spec.planning.relativeGap));
  if (!job.spec.runPolicy.suspend && conditionOf(facts, 'Suspended')?.status === 'True') {
    reports.push({ type: 'Suspended', reason: 'Resumed', message: 'runPolicy.suspend is false again.' });
  }
  return reports;
}

/** One word for people. */
function stateOf(conditions: readonly Condition[]): string | undefined {
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const holds = (['Failed', 'Succeeded', 'Suspended', 'Running'] as const).find(
    (type) => find(type)?.status === 'True',
  );
  if (holds !== undefined) return holds;
  const reason = find('Running')?.reason;
  return reason === 'AwaitingPlan' ? find('Planned')?.reason : reason;
}

function soonest(...seconds: readonly (number | undefined)[]): number | undefined {
  const given = seconds.filter((each) => each !== undefined);
  return given.length === 0 ? undefined : Math.max(0, Math.min(...given));
}
