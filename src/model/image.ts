/** What image families share: patches in, classes out. */
import Type from 'typebox';
import { LongSize } from './config/fields.ts';
import type { Operator } from './layer.ts';
import { product } from './operators.ts';

export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** A side given as one number is that of a square. */
export function extent(side: number | readonly [number, number]): Extent {
  const [height, width] = typeof side === 'number' ? [side, side] : side;
  return { height, width };
}

export function area({ height, width }: Extent): number {
  return height * width;
}

interface PatchShape {
  readonly rows: number;
  readonly patch: Extent;
  readonly channels: number;
  readonly hidden: number;
}

/** A convolution whose kernel is as large as its stride: a product of each patch's pixels with one weight. */
export function patchProjection({ rows, patch, channels, hidden }: PatchShape): Operator {
  const inner = area(patch) * channels;
  const shape = { rows, inner, columns: hidden, bias: true, split: 'none' } as const;
  return product('patch-projection', { ...shape, input: 'pixels', inputIsData: true });
}

/** One row a sample, so its loss is not worth an operator. */
export function classifier(hidden: number, classes: number, keepsInput: boolean): Operator {
  const shape = { input: 'features', rows: 1, inner: hidden, columns: classes, bias: true, split: 'none' } as const;
  return product('classifier', { ...shape, keepsInput });
}

/** Fields in which a config.json says how many classes there are: a number, or (as Hugging Face saves it) their names. */
export const LabelFields = {
  num_labels: Type.Optional(LongSize),
  id2label: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'names by number' })),
};

/** What Hugging Face takes where a config.json leaves it out. */
const DEFAULT_LABELS = 2;

interface Labelled {
  readonly num_labels?: number;
  readonly id2label?: Readonly<Record<string, unknown>>;
}

export function labels({ num_labels: count, id2label: names }: Labelled): number {
  return count ?? (names === undefined ? DEFAULT_LABELS : Object.keys(names).length);
}
