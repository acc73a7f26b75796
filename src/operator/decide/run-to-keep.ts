/** Runs from which later plans learn: kept when a job succeeds, and when its steps are seen to differ from what was planned. */
import { LABEL } from '../../api/group.ts';
import type { ModelProfile } from '../../api/model-profile.ts';
import type { TrainingJobStatus } from '../../api/training-job-status.ts';
import { basisOf } from '../../plan/calibration/calibrate.ts';
import { calibrated } from '../../plan/calibration/calibrated.ts';
import { correctionsName, correctionsProfile } from '../../plan/calibration/corrections-profile.ts';
import { measuredRun } from '../../plan/calibration/measured-run.ts';
import { modelOf } from '../../plan/job-model.ts';
import type { ParallelPlan } from '../kubernetes/custom-resources.ts';
import { conditionOf, type Facts, inputsOfPlan } from './facts.ts';

/** A mean of fewer steps says little. */
const FEWEST_STEPS = 10;

/** The ModelProfile that the run is to be kept in, with those of before; undefined where there is nothing to learn now. */
export function runToKeep(facts: Facts, status: TrainingJobStatus): ModelProfile | undefined {
  const { job, plan, modelProfiles, now } = facts;
  const inputs = inputsOfPlan(facts); // what the job names now may be another model
  if (plan?.spec.device === undefined || inputs === undefined || !isTimeToLearn(facts, status)) return undefined;
  const run = runOf(plan, status);
  if (run === undefined) return undefined;
  const { precision } = job.spec.training;
  const subject = { model: modelOf(job.spec, inputs.config), precision, device: plan.spec.device };
  const basis = basisOf(plan.metadata);
  const name = correctionsName(subject, basis);
  const before = modelProfiles.find(({ metadata }) => metadata.name === name)?.spec.corrections;
  const profile = correctionsProfile(subject, calibrated(before, [run], basis), now);
  const { namespace } = job.metadata;
  return { ...profile, metadata: { ...profile.metadata, namespace, labels: { [LABEL.measuredIn]: namespace } } };
}

function isTimeToLearn(facts: Facts, { conditions = [] }: TrainingJobStatus): boolean {
  if (facts.job.spec.planning.profile === 'Never') return false;
  const holds = (wanted: string) => conditions.some(({ type, status }) => type === wanted && status === 'True');
  return holds('Succeeded') || (holds('PlanDrift') && conditionOf(facts, 'PlanDrift')?.status !== 'True');
}

function runOf({ metadata, spec }: ParallelPlan, { actual }: TrainingJobStatus) {
  if (actual === undefined || actual.revision !== spec.revision || actual.steps < FEWEST_STEPS) return undefined;
  return measuredRun(`${metadata.namespace ?? ''}/${metadata.name}`, spec, actual);
}
