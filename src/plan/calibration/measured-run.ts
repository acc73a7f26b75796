/** A run of a plan, in the words in which corrections are worked out from it. */
import type { MeasuredRun } from '../../api/model-profile.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { ActualFigures } from '../../api/training-job-status.ts';

/**
 * What was predicted without corrections beside what was measured; undefined where the plan says too little of what it
 * predicted.
 *
 * @param name - Of the ParallelPlan, as NAMESPACE/NAME.
 */
export function measuredRun(name: string, plan: ParallelPlanSpec, actual: ActualFigures): MeasuredRun | undefined {
  const { computationSeconds, communicationSeconds, corrections } = plan.predicted ?? {};
  if (computationSeconds === undefined || communicationSeconds === undefined) return undefined;
  const { computation, communication, memory } = corrections ?? { computation: 1, communication: 1, memory: 1 };
  return {
    plan: name,
    date: actual.time,
    steps: actual.steps,
    stepSeconds: actual.stepSeconds,
    computationSeconds: figure(Number(computationSeconds) / Number(computation)),
    communicationSeconds: figure(Number(communicationSeconds) / Number(communication)),
    ...(actual.memoryRatio !== undefined && { memoryRatio: figure(Number(actual.memoryRatio) * Number(memory)) }),
  };
}

/** More digits than a measurement is worth. */
const DIGITS = 6;

export function figure(number: number): string {
  return String(Number(number.toPrecision(DIGITS)));
}
