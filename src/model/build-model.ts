/** From what a user names — a preset, a config.json or a list of layers — to a {@link Model}. */
import type { ModelPreset } from '../api/presets.ts';
import { UserError } from '../api/errors.ts';
import { didYouMean } from '../api/suggest.ts';
import type { Config } from './config/read-config.ts';
import { customModel, type CustomLayer } from './custom-layers.ts';
import { FAMILIES } from './families.ts';
import type { BuildOptions } from './family.ts';
import type { Model } from './layer.ts';
import { refuseMixtureOfExperts } from './mixture-of-experts.ts';
import { PRESETS } from './presets.ts';

export type Source =
  | { readonly preset: ModelPreset }
  /** A Hugging Face config.json, parsed. */
  | { readonly config: Config }
  | { readonly layers: readonly CustomLayer[] };

/**
 * @param options.sequenceLength - Tokens in a sample (T5: of encoder and decoder each). Default: the longest that the model
 * takes. Not for image models; a list of layers does not depend on it.
 * @throws UserError - where the config lacks a field, holds something else than it should, or names an unknown family.
 */
export function buildModel(source: Source, options: Pick<BuildOptions, 'sequenceLength'> = {}): Model {
  if ('layers' in source) return customModel(source.layers);
  if ('config' in source) return buildFromConfig(source.config, options);
  return buildFromConfig(PRESETS[source.preset].config, { ...options, name: source.preset });
}

function buildFromConfig(config: Config, options: BuildOptions): Model {
  refuseMixtureOfExperts(config);
  const family = FAMILIES.find(({ modelType }) => modelType === config.model_type);
  if (family === undefined) throw unknownFamily(config.model_type);
  return family.build(config, options);
}

function unknownFamily(modelType: unknown): UserError {
  const known = FAMILIES.map(({ modelType: name }) => name);
  const advice = `families known here are ${known.join(', ')}; any other can be given as spec.model.layers`;
  if (modelType === undefined) return new UserError({ problem: 'config.json: model_type missing', remedy: advice });
  const suggestion = typeof modelType === 'string' ? didYouMean(modelType, known) : undefined;
  return new UserError({
    problem: `config.json: model_type ${JSON.stringify(modelType)} is not known`,
    remedy: [suggestion, advice].filter((part) => part !== undefined).join(' '),
  });
}
