/** What a family of models is: how its config.json is read, and which layers follow from it. */
import type Type from 'typebox';
import { UserError } from '../api/errors.ts';
import { assemble, type Run } from './chain.ts';
import { configError, readConfig, type Config } from './config/read-config.ts';
import type { Model } from './layer.ts';

export interface BuildOptions {
  /** For people. Default: the family with its size. */
  readonly name?: string;
  /** Tokens in a sample. Default: the longest that the model takes. */
  readonly sequenceLength?: number;
}

export interface Family {
  /** As the field `model_type` of its config.json has it. */
  readonly modelType: string;
  /** @throws UserError where the config or the sequence length will not do. */
  readonly build: (config: Config, options: BuildOptions) => Model;
}

interface LengthField {
  readonly field: string;
  readonly tokens: number | undefined;
  readonly limits: boolean;
}

interface TextFamily<Schema extends Type.TObject> {
  readonly schema: Schema;
  /** The field that holds the longest sequence, where the config gives it, and whether longer ones are refused. */
  readonly length: (config: Type.Static<Schema>) => LengthField;
  readonly layers: (config: Type.Static<Schema>, tokens: number) => readonly Run[];
}

export function textFamily<Schema extends Type.TObject>(modelType: string, family: TextFamily<Schema>): Family {
  return {
    modelType,
    build: (json, { name, sequenceLength }) => {
      const config = readConfig(modelType, family.schema, json);
      const tokens = sampleLength(modelType, family.length(config), sequenceLength);
      return named(name, modelType, tokens, family.layers(config, tokens));
    },
  };
}

function sampleLength(modelType: string, longest: LengthField, wanted: number | undefined): number {
  const tokens = wanted ?? longest.tokens;
  if (tokens === undefined) {
    throw configError(modelType, `${longest.field} missing`, 'give it, or spec.training.sequenceLength');
  }
  if (longest.limits && longest.tokens !== undefined && tokens > longest.tokens) {
    throw new UserError({
      field: 'spec.training.sequenceLength',
      problem: `${tokens} tokens are more than ${longest.field} ${longest.tokens} of the model`,
      remedy: `use ${longest.tokens} or less`,
    });
  }
  return tokens;
}

interface ImageFamily<Schema extends Type.TObject> {
  readonly schema: Schema;
  readonly layers: (config: Type.Static<Schema>) => readonly Run[];
}

export function imageFamily<Schema extends Type.TObject>(modelType: string, family: ImageFamily<Schema>): Family {
  return {
    modelType,
    build: (json, { name, sequenceLength }) => {
      const config = readConfig(modelType, family.schema, json);
      if (sequenceLength !== undefined) {
        throw new UserError({
          field: 'spec.training.sequenceLength',
          problem: `a model of family ${modelType} takes images, not sequences`,
          remedy: 'leave it out',
        });
      }
      return named(name, modelType, null, family.layers(config));
    },
  };
}

function named(name: string | undefined, family: string, tokensPerSample: number | null, runs: readonly Run[]): Model {
  const model = assemble({ name: name ?? family, family, tokensPerSample }, runs);
  return name === undefined ? { ...model, name: `${family}-${shortCount(model.parameters)}` } : model;
}

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** 6738415616 → `6.74B`. */
function shortCount(count: number): string {
  return SHORT.format(count);
}
