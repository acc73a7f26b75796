import { createHash } from 'node:crypto';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import { canonicalJson } from './canonical-json.ts';

/** Objects of the cluster are never changed, only replaced. */
const known = new WeakMap<TrainingJobSpec, string>();

/**
 * Digest of what a plan depends on in a job, kept with the plan: one with the job's present digest is a plan for the job as
 * it is now. Whether it is to be reviewed, and has been, changes no plan; neither do pod template and run policy.
 */
export function planningDigest(spec: TrainingJobSpec): string {
  const digest = known.get(spec) ?? digestOf(spec);
  known.set(spec, digest);
  return digest;
}

function digestOf({ model, training, resources, planning }: TrainingJobSpec): string {
  const choices = { ...planning, review: undefined, approvedRevision: undefined };
  const text = canonicalJson({ model, training, resources, planning: choices });
  return createHash('sha256').update(text).digest('hex');
}
