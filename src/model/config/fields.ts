/**
 * The kinds of field that families read from a config.json. A `description` completes the sentence "give …", for whoever
 * wrote something else. The bounds keep every count of a model far below 2^1023; no model comes near them.
 */
import Type from 'typebox';
import { ACTIVATIONS } from '../kernels.ts';

function wholeNumber(minimum: number, maximum: number) {
  return Type.Integer({
    minimum,
    maximum,
    description: `a whole number from ${minimum} to ${maximum.toLocaleString('en')}`,
  });
}

/** A width, a number of heads, or anything else that a tensor has along an axis. */
export const Size = wholeNumber(1, 2 ** 20);

/** Entries of a vocabulary, or tokens of a sequence. */
export const LongSize = wholeNumber(1, 2 ** 24);

export const LayerCount = wholeNumber(1, 1024);

export const Flag = Type.Boolean({ description: 'true or false' });

export const Probability = Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'a probability below 1' });

export const Activation = Type.Enum([...ACTIVATIONS.keys()], {
  description: `one of ${[...ACTIVATIONS.keys()].join(', ')}`,
});

/** Pixels along the side of a square. */
export const Side = Type.Union(
  [wholeNumber(1, 2 ** 16), Type.Tuple([wholeNumber(1, 2 ** 16), wholeNumber(1, 2 ** 16)])],
  {
    description: 'a whole number of pixels, or a pair [height, width]',
  },
);

export function sizeList(what: string) {
  return Type.Array(wholeNumber(1, 1024), {
    minItems: 1,
    maxItems: 8,
    description: `a list of whole numbers, ${what}`,
  });
}

export const Names = Type.Array(Type.String(), { description: 'a list of names' });

export const Ratio = Type.Number({ exclusiveMinimum: 0, maximum: 64, description: 'a number above 0, at most 64' });
