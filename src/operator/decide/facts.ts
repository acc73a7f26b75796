/** What follows from the observed state, worked out once for all policies. */
import { ANNOTATION, LABEL } from '../../api/group.ts';
import type { Condition } from '../../api/training-job-status.ts';
import type { ConditionType } from '../../api/conditions.ts';
import type { ParallelPlan } from '../kubernetes/custom-resources.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { specDigest } from './planning-digest.ts';
import { isTerminating } from './pods.ts';
import type { JobState, ReadyInputs } from './state.ts';

export interface Facts extends JobState {
  /** Counts the starts of the job's pods from 0. */
  readonly attempt: number;
  /** The plan that pods run by, or that the next pods will. */
  readonly plan: ParallelPlan | undefined;
  /** Pods of this attempt, by node rank. */
  readonly gang: readonly Pod[];
  /** Pods of attempts before, of a plan that is gone, and of one for a job that has been edited since. */
  readonly leftovers: readonly Pod[];
  /** All pods of the gang had started when the job was last looked at. */
  readonly wasRunning: boolean;
}

export function factsOf(state: JobState): Facts {
  const attempt = state.job.status?.restarts ?? 0;
  const ofAttempt = state.pods.filter((pod) => numberOf(pod, LABEL.attempt) === attempt);
  const gang = isForJobAsItIs(state, ofAttempt[0]) ? ofAttempt : [];
  const plan = planInForce(state.plans, state.digest, gang[0]);
  return {
    ...state,
    attempt,
    plan,
    gang: gang.toSorted((a, b) => numberOf(a, LABEL.nodeRank) - numberOf(b, LABEL.nodeRank)),
    leftovers: state.pods.filter((pod) => !gang.includes(pod)),
    wasRunning: gang.length === ofAttempt.length && conditionOf(state, 'Running')?.status === 'True',
  };
}

/**
 * Pods keep the plan that they were made by, even where what it was made from has changed since.
 *
 * @param digest - What the next pods' plan must be made from, or the beginning of it: {@link specDigest} where it is not
 *   known what the job names.
 */
export function planInForce(
  plans: readonly ParallelPlan[],
  digest: string,
  pod: Pod | undefined,
): ParallelPlan | undefined {
  if (pod !== undefined) return plans.find(({ spec }) => spec.revision === numberOf(pod, LABEL.planRevision));
  return plans.findLast((plan) => isPlannedFrom(plan, digest));
}

function isPlannedFrom({ metadata }: ParallelPlan, digest: string): boolean {
  return metadata.annotations?.[ANNOTATION.plannedFrom]?.startsWith(digest) ?? false;
}

export function conditionOf({ job }: Pick<JobState, 'job'>, type: ConditionType): Condition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Whether a pod's plan is there and is for the job as it is written now. A job is edited only while it is suspended; one that
 * is resumed in the same breath may never have been seen suspended.
 */
function isForJobAsItIs({ job, plans, digest }: JobState, pod: Pod | undefined): boolean {
  const plan = planInForce(plans, digest, pod);
  return plan !== undefined && isPlannedFrom(plan, specDigest(job.spec));
}

/** What the plan was made from, where it is still there to make the plan's ConfigMap from. */
export function inputsOfPlan({ plan, digest, inputs }: Facts): ReadyInputs | undefined {
  return inputs.kind === 'ready' && plan !== undefined && isPlannedFrom(plan, digest) ? inputs : undefined;
}

/** Node ranks of the plan that have no pod in this attempt. */
export function missingRanks({ plan, gang }: Facts): number[] {
  const present = new Set(gang.map((pod) => numberOf(pod, LABEL.nodeRank)));
  return [...(plan?.spec.nodes ?? []).keys()].filter((rank) => !present.has(rank));
}

/** Pods of the gang whose end says how the job went: not those that were told to go while it did not run, as by suspension. */
export function telling({ gang, wasRunning }: Facts): readonly Pod[] {
  return wasRunning ? gang : gang.filter((pod) => !isTerminating(pod));
}

/** A job that has succeeded or failed stays so. */
export function isOver(state: Pick<JobState, 'job'>): boolean {
  return (['Succeeded', 'Failed'] as const).some((type) => conditionOf(state, type)?.status === 'True');
}

function numberOf({ metadata }: Pod, label: string): number {
  return Number(metadata.labels?.[label] ?? NaN);
}
