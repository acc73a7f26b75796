import { createHash } from 'node:crypto';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import { canonicalJson } from './canonical-json.ts';
import type { JobInputs } from './state.ts';

/** Objects of the cluster are never changed, only replaced. */
const known = new WeakMap<TrainingJobSpec, string>();

/**
 * Digest of what a plan depends on, kept with the plan: one with the present digest is a plan for the job, and what it
 * names, as they are now. It begins with {@link specDigest}, and ends with that where what the job names cannot be read:
 * then the plan that was made from it stands.
 */
export function planningDigest(spec: TrainingJobSpec, inputs: JobInputs): string {
  const ofSpec = specDigest(spec);
  return inputs.kind === 'ready' ? `${ofSpec}.${sha256(canonicalJson(inputs))}` : ofSpec;
}

/**
 * Digest of what a plan depends on in the job itself. Whether it is to be reviewed, and has been, changes no plan; neither
 * do pod template and run policy.
 */
export function specDigest(spec: TrainingJobSpec): string {
  const digest = known.get(spec) ?? digestOf(spec);
  known.set(spec, digest);
  return digest;
}

function digestOf({ model, training, resources, planning }: TrainingJobSpec): string {
  const choices = { ...planning, review: undefined, approvedRevision: undefined };
  return sha256(canonicalJson({ model, training, resources, planning: choices }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
