/** Hetu-Galvatron's measurements of a model. */
import Type from 'typebox';
import { UserError } from '../../../api/errors.ts';
import type { LayerProfile, ModelProfile } from '../../../api/model-profile.ts';
import { contentOf, numbersIn, type SourceFile } from './source-file.ts';

export const PRECISIONS: ReadonlyMap<string, ModelProfile['spec']['precision']> = new Map([
  ['bf16', 'BF16'],
  ['fp16', 'FP16'],
  ['fp32', 'FP32'],
]);

const MEBIBYTE = 2 ** 20;
const PER_SECOND = 1000;
const FLOAT32 = 4;

/** Kinds of layer by how many types of layer Galvatron tells apart: equal blocks, T5, Swin. */
const KINDS: readonly (readonly string[])[] = [
  ['block'],
  ['encoder-block', 'decoder-block'],
  ['resolution-1', 'resolution-2', 'resolution-3', 'resolution-4'],
];

/** What Galvatron calls other: all that is no block. */
const OTHERS = ['embedding', 'head'] as const;

const TIMES = "Hetu-Galvatron's computation profile";
const SIZES = "Hetu-Galvatron's memory profile";

/** `layertype_0_bsz8_seq2048`: milliseconds of the forward pass of one layer for one of the eight samples. */
const TIME_KEY = /^layertype_(other|\d+)(?:_0)?_bsz(\d+)_seq(\d+)$/;

export function layerTimes(source: SourceFile, sequenceLength: number): LayerProfile[] {
  const entries = numbersIn(source, TIME_KEY, TIMES).filter(
    ({ groups: [, , tokens] }) => Number(tokens) === sequenceLength,
  );
  const types = Map.groupBy(entries, ({ groups: [type = ''] }) => type);
  const kindOf = kindsFor(types.keys(), source);
  return [...types].map(([type, times]) => ({
    names: kindOf(type),
    exchange: 'Excluded',
    times: times.map(({ groups: [, batch], value }) => ({
      ...plain(Number(batch)),
      forwardSeconds: String((value * Number(batch)) / PER_SECOND),
    })),
    activations: [],
  }));
}

const ByDegree = Type.Record(Type.String(), Type.Number({ minimum: 0 }));
const Layers = Type.Record(
  Type.String(),
  Type.Object({ parameter_size: Type.Number(), tp_activation_per_bsz_dict: ByDegree }),
);
const Others = Type.Record(Type.String(), Type.Object({ model_states: ByDegree, activation: ByDegree }));
const Sizes = Type.Record(Type.String(), Type.Unknown());

const LAYER_KEY = /^layertype_(\d+)(_sp)?$/;
const OTHER_KEY = /^other_memory_pp_on_(first|last)(_sp)?$/;

/** Mebibytes for one sample, of each layer type, and of the first and last layers as a pipeline's ends have them. */
export function layerSizes(source: SourceFile, sequenceLength: number): LayerProfile[] {
  const sizes = Object.entries(contentOf(Sizes, source, SIZES));
  const types = sizes.flatMap(([key]) => LAYER_KEY.exec(key)?.slice(1, 2) ?? []);
  const kindOf = kindsFor(types, source);
  return sizes.flatMap(([key, value]) => {
    const text = { file: `${source.file}: ${key}`, text: JSON.stringify(value) };
    const [, type, sequenceParallel] = LAYER_KEY.exec(key) ?? [];
    const [, end, alsoParallel] = OTHER_KEY.exec(key) ?? [];
    if (type !== undefined) {
      const figures = contentOf(Layers, text, SIZES)[sequenceLength];
      return figures === undefined ? [] : [layerSize(kindOf(type), figures, sequenceParallel !== undefined)];
    }
    if (end !== undefined) {
      const figures = contentOf(Others, text, SIZES)[sequenceLength];
      const name = end === 'first' ? OTHERS[0] : OTHERS[1];
      return figures === undefined ? [] : [sizesOf([name], figures.activation, alsoParallel !== undefined)];
    }
    return [];
  });
}

/** `parameter_size` is that of parameters at 32 bits. */
function layerSize(
  names: string[],
  { parameter_size: parameters, tp_activation_per_bsz_dict: activations }: Type.Static<typeof Layers>[string],
  sequenceParallel: boolean,
): LayerProfile {
  return {
    ...sizesOf(names, activations, sequenceParallel),
    parameters: Math.round((parameters * MEBIBYTE) / FLOAT32),
  };
}

function sizesOf(
  names: string[],
  activations: Readonly<Record<string, number>>,
  sequenceParallel: boolean,
): LayerProfile {
  return {
    names,
    exchange: 'Excluded',
    times: [],
    activations: Object.entries(activations).map(([degree, mebibytes]) => {
      const bytes = Math.round(mebibytes * MEBIBYTE);
      return degree === 'checkpoint'
        ? { ...plain(1), recomputation: 'Full', bytes }
        : { ...plain(1), tensor: Number(degree), sequenceParallel, bytes };
    }),
  };
}

/**
 * The sequence length that files are of.
 *
 * @throws UserError where they are of several and none of them was chosen
 */
export function sequenceLengthOf(sources: readonly SourceFile[], chosen: number | undefined): number {
  const lengths = [...new Set(sources.flatMap(lengthsIn))].toSorted((a, b) => a - b);
  const [only, ...others] = lengths;
  if (only !== undefined && (chosen === undefined ? others.length === 0 : lengths.includes(chosen))) {
    return chosen ?? only;
  }
  throw new UserError({
    source: sources.map(({ file }) => file).join(', '),
    problem:
      chosen === undefined
        ? 'measured with sequences of several lengths'
        : `not measured with sequences of ${chosen} tokens`,
    remedy: `choose one of ${lengths.join(', ')} by --sequence-length`,
  });
}

function lengthsIn(source: SourceFile): readonly number[] {
  const keys = Object.entries(contentOf(Sizes, source, `${TIMES} or memory profile`)).flatMap(([key, value]) =>
    LAYER_KEY.test(key) && typeof value === 'object' ? Object.keys(value ?? {}) : (TIME_KEY.exec(key)?.slice(3) ?? []),
  );
  return keys.map(Number).filter((length) => Number.isInteger(length) && length > 0);
}

/** Without tensor parallelism and recomputation. */
function plain(samples: number) {
  return { tensor: 1, sequenceParallel: false, recomputation: 'None', samples } as const;
}

/** @throws UserError where a model has another number of layer types than any that is known */
function kindsFor(types: Iterable<string>, source: SourceFile): (type: string) => string[] {
  const count = new Set([...types].filter((type) => type !== 'other')).size;
  const kinds = KINDS.find(({ length }) => length === count);
  if (kinds === undefined) {
    throw new UserError({
      source: source.file,
      problem: `holds ${count} types of layer`,
      remedy: `known are models with ${KINDS.map(({ length }) => length).join(', ')}`,
    });
  }
  return (type) => (type === 'other' ? [...OTHERS] : kinds.slice(Number(type), Number(type) + 1));
}
