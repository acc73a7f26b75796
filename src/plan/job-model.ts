import { invariant } from '../api/errors.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { buildModel, type Source } from '../model/build-model.ts';
import type { Model } from '../model/layer.ts';
import { PRESETS } from '../model/presets.ts';

/**
 * The model of a job.
 *
 * @param config - The config.json that the job gives inline or names; null where it names a preset or gives layers.
 * @throws {UserError} where the model cannot be built
 */
export function modelOf(
  { model, training }: Pick<TrainingJobSpec, 'model' | 'training'>,
  config: Readonly<Record<string, unknown>> | null,
): Model {
  const { sequenceLength } = training;
  return buildModel(sourceOf(model, config), sequenceLength === undefined ? {} : { sequenceLength });
}

function sourceOf(
  { preset, layers }: TrainingJobSpec['model'],
  config: Readonly<Record<string, unknown>> | null,
): Source {
  if (preset !== undefined) return { preset };
  if (layers !== undefined) return { layers };
  return { config: configOf(config) };
}

/** The model as pods are told of it: its config.json, or `{"layers": […]}` where the job gives them by their sizes. */
export function modelDocument(
  { preset, layers }: TrainingJobSpec['model'],
  config: Readonly<Record<string, unknown>> | null,
): Readonly<Record<string, unknown>> {
  if (preset !== undefined) return PRESETS[preset].config;
  return layers === undefined ? configOf(config) : { layers };
}

/** `spec.training` as pods are told of it: with the sequence length that a job leaves to its model. */
export function trainingDocument(
  spec: Pick<TrainingJobSpec, 'model' | 'training'>,
  config: Readonly<Record<string, unknown>> | null,
): TrainingJobSpec['training'] {
  if (spec.training.sequenceLength !== undefined) return spec.training;
  const { tokensPerSample } = modelOf(spec, config);
  return tokensPerSample === null ? spec.training : { ...spec.training, sequenceLength: tokensPerSample };
}

function configOf(config: Readonly<Record<string, unknown>> | null): Readonly<Record<string, unknown>> {
  invariant(config, 'a job that gives neither preset nor layers comes with its config.json');
  return config;
}
