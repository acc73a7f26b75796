/** The measured profiles that a job may be planned from. */
import { LABEL } from '../../api/group.ts';
import type { ProfileLibrary, Stored } from '../../plan/profile-library.ts';
import type { HardwareProfile, ModelProfile, TrainingJob } from '../kubernetes/custom-resources.ts';

interface Kept {
  readonly models: readonly ModelProfile[];
  readonly hardware: readonly HardwareProfile[];
}

/**
 * ModelProfiles of the job's namespace, and HardwareProfiles less those that pods of another namespace have measured: their
 * owners may have answered anything. undefined where the job is to be planned without.
 */
export function libraryFor(
  { metadata: { namespace }, spec: { planning, template } }: TrainingJob,
  { models, hardware }: Kept,
): ProfileLibrary | undefined {
  if (planning.profile === 'Never') return undefined;
  const measuredIn = ({ metadata }: HardwareProfile) => metadata.labels?.[LABEL.measuredIn] ?? namespace;
  return {
    models: models.filter(({ metadata }) => metadata.namespace === namespace).map(stored),
    hardware: hardware.filter((profile) => measuredIn(profile) === namespace).map(stored),
    image: template.image,
  };
}

function stored<Spec>({ metadata, spec }: (ModelProfile | HardwareProfile) & { readonly spec: Spec }): Stored<Spec> {
  return { name: metadata.name, created: metadata.creationTimestamp, spec };
}
