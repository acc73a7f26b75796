/**
 * Before a plan that was found is recorded, what it rests on is measured where that is missing: pods on the plan's nodes
 * measure model and hardware, what they answer is kept as profiles, and the job is planned again from these. What has been
 * done so far is read from the pods and from `status.profiling`.
 */
import { UserError } from '../../../api/errors.ts';
import { LABEL } from '../../../api/group.ts';
import type { TrainingJobStatus } from '../../../api/training-job-status.ts';
import { buildService } from '../../../plan/service.ts';
import { formatSeconds } from '../../../plan/units.ts';
import type { DesiredObject } from '../../kubernetes/objects.ts';
import { referenceTo } from '../../kubernetes/objects.ts';
import type { Pod } from '../../kubernetes/pod.ts';
import type { PlanningResult } from '../../planning/result.ts';
import { readAnswer } from '../../profiling/answer.ts';
import { profilesOf } from '../../profiling/keep.ts';
import { type Measurement, measurementOf } from '../../profiling/measurement.ts';
import { buildProfilingConfigMap, buildProfilingPod, LONGEST_SECONDS } from '../../profiling/pods.ts';
import { profilingProgram } from '../../profiling/program.ts';
import type { Verdict } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { describeFailure, describeWaiting, firstFailed, isTerminating, namesOf, podOfRank } from '../pods.ts';
import type { ReadyInputs } from '../state.ts';
import { planJobOf } from './gang-of.ts';

/** After a measurement that failed, where there is to be no plan without. */
const RETRY_SECONDS = 600;

type Found = Extract<PlanningResult, { kind: 'planned' }>;
type Profiling = NonNullable<TrainingJobStatus['profiling']>;

/** What there is to measure before a plan is recorded; undefined where the plan may stand as it is. */
export function profiling(facts: Facts, found: Found, inputs: ReadyInputs): Verdict | undefined {
  const { job } = facts;
  const { measured } = found;
  if (measured === undefined || measured.missing.length === 0 || inputs.suppliedPlan !== undefined) return undefined;
  if (profilingProgram(job.spec.template) === undefined) return undefined;
  // Measured already, or in vain; a plan on other nodes since then is not measured too, unless it must be.
  const isOver = lastProfiling(facts)?.completionTime !== undefined;
  if (isOver && job.spec.planning.profile !== 'Required') return undefined;
  return measure(facts, measurementOf(planJobOf(job), found.plan, measured), inputs);
}

/** The time until a failed measurement is tried again: until then the job is not planned. undefined where nothing failed. */
export function profilingPause(facts: Facts): Verdict | undefined {
  const { failure, completionTime } = lastProfiling(facts) ?? {};
  if (facts.job.spec.planning.profile !== 'Required' || failure === undefined || completionTime === undefined) {
    return undefined;
  }
  const left = RETRY_SECONDS - (facts.now - Date.parse(completionTime)) / 1000;
  return left > 0 ? { ...failed(facts, failure), requeueAfterSeconds: left } : undefined;
}

/** Why the figures of the next plan could not be measured; undefined where they could, or were not to be. */
export function profilingFailure(facts: Facts): string | undefined {
  return lastProfiling(facts)?.failure;
}

/** Orders to remove the pods that measure. */
export function withoutProfilingPods({ profilingPods }: Facts): NonNullable<Verdict['delete']> {
  return profilingPods.filter((pod) => !isTerminating(pod)).map(referenceTo);
}

/** Orders that end a measurement under way, of a job that there is no plan for any more: it is to hold no GPUs. */
export function withoutMeasurement(facts: Facts): Pick<Verdict, 'delete' | 'status'> {
  const last = lastProfiling(facts);
  const isUnderWay = last !== undefined && last.completionTime === undefined;
  return {
    delete: withoutProfilingPods(facts),
    ...(isUnderWay && { status: { profiling: undefined, startTime: undefined } }),
  };
}

/** That of the job as it is written now. */
function lastProfiling({ job }: Facts): Profiling | undefined {
  const last = job.status?.profiling;
  return last?.observedGeneration === job.metadata.generation ? last : undefined;
}

function measure(facts: Facts, measurement: Measurement, inputs: ReadyInputs): Verdict {
  const { profilingPods } = facts;
  const isOurs = (pod: Pod) => pod.metadata.labels?.[LABEL.profiling] === measurement.id;
  const leaving = profilingPods.filter((pod) => !isOurs(pod) || isTerminating(pod));
  if (leaving.length > 0) {
    return {
      ...waiting(`Waiting for pods to go: ${namesOf(leaving)}.`),
      delete: leaving.filter((pod) => !isTerminating(pod)).map(referenceTo),
      // Another measurement, as after a search on other nodes, is no failure of this one, which has not begun.
      ...(!leaving.some(isOurs) && { status: { profiling: undefined } }),
    };
  }
  const last = lastProfiling(facts);
  const begun = last?.completionTime === undefined ? last : undefined;
  if (begun === undefined) return begin(facts, measurement, inputs);
  const problem = problemOf(facts, measurement, begun);
  if (problem !== undefined) return giveUp(facts, begun, problem);
  const { profileReading } = facts;
  return profileReading?.kind === 'read'
    ? keep(facts, { measurement, begun, inputs, text: profileReading.text })
    : wait(facts, measurement, begun);
}

/** Makes the pods. That there are none counts as a failure from when the status says that they were made. */
function begin(facts: Facts, measurement: Measurement, inputs: ReadyInputs): Verdict {
  const { job, profilingPods, present, now } = facts;
  const missing = [...measurement.nodes.keys()].filter((rank) => podOfRank(profilingPods, rank) === undefined);
  const startTime = new Date(now).toISOString();
  const apply: DesiredObject[] = [
    ...(present.service ? [] : [buildService(planJobOf(job))]),
    buildProfilingConfigMap(measurement, inputs.config),
    ...missing.map((rank) => buildProfilingPod(measurement, rank)),
  ];
  return {
    ...waiting(`Measuring on ${describe(measurement)}: creating pods.`),
    apply,
    status: {
      profiling: { observedGeneration: job.metadata.generation ?? 0, startTime },
      startTime: job.status?.startTime ?? startTime,
    },
  };
}

/** Why the measurement cannot go on; undefined where it can. */
function problemOf(facts: Facts, { nodes }: Measurement, { startTime }: Profiling): string | undefined {
  const { profilingPods, now } = facts;
  const failure = firstFailed(profilingPods);
  if (failure !== undefined) return describeFailure(failure);
  if (profilingPods.length < nodes.length) return 'a pod that measures was deleted';
  if (now - Date.parse(startTime) > LONGEST_SECONDS * 1000) {
    const progress = describeWaiting(profilingPods, nodes.length);
    return `not done after ${formatSeconds(LONGEST_SECONDS)}: ${progress}${lastWords(facts)}`;
  }
  return hasEndedUnread(facts) ? `the first pod ended before its profile was read${lastWords(facts)}` : undefined;
}

function hasEndedUnread({ profilingPods, profileReading }: Facts): boolean {
  return profileReading?.kind !== 'read' && podOfRank(profilingPods, 0)?.status?.phase === 'Succeeded';
}

function lastWords({ profileReading }: Facts): string {
  return profileReading?.kind === 'waiting' ? `; asked for its profile, ${profileReading.problem}` : '';
}

function wait(facts: Facts, measurement: Measurement, { startTime }: Profiling): Verdict {
  const { profilingPods, now } = facts;
  const first = podOfRank(profilingPods, 0);
  const progress = describeWaiting(profilingPods, measurement.nodes.length);
  return {
    ...waiting(`Measuring on ${describe(measurement)}: ${progress}.`),
    ...(first?.status?.phase === 'Running' && { readProfileFrom: first }),
    requeueAfterSeconds: LONGEST_SECONDS + 1 - (now - Date.parse(startTime)) / 1000,
  };
}

interface Said {
  readonly measurement: Measurement;
  readonly begun: Profiling;
  readonly inputs: ReadyInputs;
  readonly text: string;
}

/** Keeps what was measured, and has the job planned again from it; the GPUs are held meanwhile. */
function keep(facts: Facts, { measurement, begun, inputs, text }: Said): Verdict {
  const { now } = facts;
  try {
    const profiles = profilesOf(measurement, readAnswer(text), { config: inputs.config, now });
    return {
      ...waiting('Measured; the best plan is being searched for again.'),
      apply: profiles,
      delete: withoutProfilingPods(facts),
      status: { profiling: ended(facts, begun) },
      planning: 'start',
    };
  } catch (error) {
    if (error instanceof UserError) return giveUp(facts, begun, error.message);
    throw error;
  }
}

function giveUp(facts: Facts, begun: Profiling, failure: string): Verdict {
  return {
    ...waiting(`Measuring failed: ${failure}`),
    delete: withoutProfilingPods(facts),
    status: { profiling: { ...ended(facts, begun), failure: failure.slice(0, FAILURE_LENGTH) } },
  };
}

const FAILURE_LENGTH = 1000;

function ended({ now }: Facts, begun: Profiling): Profiling {
  return { ...begun, completionTime: new Date(now).toISOString() };
}

/** Of a job that is not to be planned without: it holds no GPUs. */
function failed(facts: Facts, message: string): Verdict {
  return {
    reports: [{ type: 'Planned', reason: 'ProfilingFailed', message }, AWAITING_PLAN],
    delete: withoutProfilingPods(facts),
    status: { startTime: undefined },
    planning: 'discard',
  };
}

function waiting(message: string): Verdict {
  return { reports: [{ type: 'Planned', reason: 'Profiling', message }, AWAITING_PLAN] };
}

const AWAITING_PLAN = { type: 'Running', reason: 'AwaitingPlan', message: 'See the condition Planned.' } as const;

function describe({ nodes, subject, missing }: Measurement): string {
  return `${subject.ranks} ${subject.device} of ${nodes.length === 1 ? '1 node' : `${nodes.length} nodes`}, since ${missing.join(' and ')}`;
}
