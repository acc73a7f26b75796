/** Runs of one model on one kind of device as a ModelProfile with corrections. */
import { UserError } from '../../api/errors.ts';
import type { MeasuredRun, ModelProfile } from '../../api/model-profile.ts';
import { ANNOTATION } from '../../api/group.ts';
import { type Basis, calibrated } from './calibrated.ts';
import { correctionsName, correctionsProfile, type RunSubject } from './corrections-profile.ts';

/** A run, what it was of, and the profiles that its plan was made from. */
export interface KnownRun {
  readonly run: MeasuredRun;
  readonly subject: RunSubject;
  readonly basis: Basis;
}

/** The profiles that a ParallelPlan says it was made from. */
export function basisOf({ annotations = {} }: { readonly annotations?: Readonly<Record<string, string>> }): Basis {
  const { [ANNOTATION.modelProfile]: modelProfile, [ANNOTATION.hardwareProfile]: hardwareProfile } = annotations;
  return {
    ...(modelProfile !== undefined && { modelProfile }),
    ...(hardwareProfile !== undefined && { hardwareProfile }),
  };
}

/**
 * @param before - A ModelProfile with corrections from earlier runs, which these add to, or without.
 * @param now - Milliseconds since 1970.
 * @throws {UserError} where there is no run, or runs are of different models, devices, precisions or measured profiles
 */
export function calibrate(runs: readonly KnownRun[], before: ModelProfile | undefined, now: number): ModelProfile {
  const [first, ...others] = runs;
  if (first === undefined) throw new UserError({ problem: 'there is no measured run', remedy: REMEDY });
  const { subject, basis } = first;
  const name = correctionsName(subject, basis);
  const other = others.find((known) => correctionsName(known.subject, known.basis) !== name);
  if (other !== undefined) {
    throw new UserError({
      problem: `the runs of ${first.run.plan} and ${other.run.plan} are of different models, devices, precisions or measured profiles`,
      remedy: 'calibrate each of them by itself',
    });
  }
  const measured = runs.map(({ run }) => run);
  if (before === undefined) return correctionsProfile(subject, calibrated(undefined, measured, basis), now);
  return { ...before, spec: { ...before.spec, corrections: calibrated(before.spec.corrections, measured, basis) } };
}

const REMEDY = 'give TrainingJobs whose status has actual, of at least one step, and their ParallelPlans';
