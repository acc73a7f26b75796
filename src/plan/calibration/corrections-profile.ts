/** Corrections as a resource of their own: a ModelProfile without layers. */
import { API_VERSION } from '../../api/group.ts';
import type { ModelProfile, ProfileCorrections } from '../../api/model-profile.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import { PACKAGE_VERSION } from '../../api/version.ts';
import type { Model } from '../../model/layer.ts';
import type { Basis } from './calibrated.ts';
import { shortDigest, wordsFor } from '../names.ts';
import { modelDigest } from '../profile-library.ts';

/** What the runs were of. */
export interface RunSubject {
  readonly model: Model;
  readonly precision: TrainingJobSpec['training']['precision'];
  /** By the catalogue's name. */
  readonly device: string;
}

/** The name depends on what the runs were of, and on the profiles that their plans were made from. */
export function correctionsName({ model, precision, device }: RunSubject, basis: Basis): string {
  const { modelProfile, hardwareProfile } = basis;
  const which = shortDigest([modelDigest(model), precision, device, modelProfile, hardwareProfile]);
  return [wordsFor(model.name), wordsFor(device), 'runs', which].join('-');
}

/** @param now - Milliseconds since 1970. */
export function correctionsProfile(subject: RunSubject, corrections: ProfileCorrections, now: number): ModelProfile {
  const { model, precision, device } = subject;
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProfile',
    metadata: { name: correctionsName(subject, corrections) },
    spec: {
      provenance: { tool: `uniap ${PACKAGE_VERSION}`, device, date: new Date(now).toISOString() },
      model: model.name,
      modelDigest: modelDigest(model),
      precision,
      ...(model.tokensPerSample !== null && { sequenceLength: model.tokensPerSample }),
      layers: [],
      corrections,
    },
  };
}
