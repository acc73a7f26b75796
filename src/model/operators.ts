/** Short ways to write the operators that families are made of. */
import { ACTIVATIONS, DROPOUT, GATE, LAYER_NORM, RELU_BEFORE_DROPOUT, RESIDUAL, type KernelPair } from './kernels.ts';
import type { Elementwise, Lookup, MatrixProduct, Operator } from './layer.ts';
import { invariant } from '../api/errors.ts';

type ProductShape = Pick<MatrixProduct, 'input' | 'rows' | 'inner' | 'columns' | 'split'> &
  Partial<Pick<MatrixProduct, 'bias' | 'parts' | 'inputIsData' | 'keepsInput' | 'tiedTo'>>;

/** A product without bias whose split dimension may be cut between any two columns (or rows), unless said otherwise. */
export function product(name: string, shape: ProductShape): MatrixProduct {
  const parts = shape.split === 'inner' ? shape.inner : shape.columns;
  return { kind: 'matrix-product', name, bias: false, parts, inputIsData: false, keepsInput: true, ...shape };
}

type ElementwiseShape = Pick<Elementwise, 'elements' | 'region'> & Partial<Pick<Elementwise, 'parameters'>>;

export function elementwise(name: string, kernels: KernelPair, shape: ElementwiseShape): Elementwise {
  return { kind: 'elementwise', name, parameters: 0, ...shape, ...kernels };
}

/** A table of which every rank holds all, or its share of the entries where `split` says so. */
export function lookup(
  name: string,
  shape: Omit<Lookup, 'kind' | 'name' | 'split'> & Partial<Pick<Lookup, 'split'>>,
): Lookup {
  return { kind: 'lookup', name, split: 'none', ...shape };
}

/** Normalisation of `rows` vectors of `width` features, with a scale and a shift for each feature. */
export function layerNorm(name: string, rows: number, width: number): Elementwise {
  return elementwise(name, LAYER_NORM, { elements: rows * width, parameters: 2 * width, region: 'sequence' });
}

/** A sum between tensor-parallel regions. */
export function residual(name: string, elements: number): Elementwise {
  return elementwise(name, RESIDUAL, { elements, region: 'sequence' });
}

/** An activation by the name that Hugging Face gives it. */
export function activate(name: string, elements: number, region: Elementwise['region']): Elementwise {
  const kernels = ACTIVATIONS.get(name);
  invariant(kernels, `activation ${name} is in no table`);
  return elementwise(name, kernels, { elements, region });
}

/** Dropout between tensor-parallel regions; nothing where its probability is 0. */
export function dropout(name: string, elements: number, probability: number): readonly Elementwise[] {
  return probability === 0 ? [] : [elementwise(name, DROPOUT, { elements, region: 'sequence' })];
}

interface FeedForwardShape {
  readonly rows: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly activation: string;
  /** Whether a second projection multiplies the activation (SwiGLU, gated GELU; arXiv 2002.05202). */
  readonly gated: boolean;
  readonly bias: boolean;
  /** Probability of dropout between the two products (T5). */
  readonly innerDropout?: number;
}

/** The feed-forward network of a transformer block: up, activation, (gate,) down. */
export function feedForward(shape: FeedForwardShape): readonly Operator[] {
  const { rows, hidden, intermediate, activation, gated, bias, innerDropout = 0 } = shape;
  const up = {
    input: 'feed-forward-input',
    rows,
    inner: hidden,
    columns: intermediate,
    bias,
    split: 'columns',
  } as const;
  const inside = { elements: rows * intermediate, region: 'tensor' } as const;
  return [
    ...(gated ? [product('gate', up)] : []),
    product('up', up),
    activation === 'relu' && innerDropout > 0 && !gated
      ? elementwise(activation, RELU_BEFORE_DROPOUT, inside)
      : activate(activation, inside.elements, inside.region),
    ...(gated ? [elementwise('gating', GATE, inside)] : []),
    ...(innerDropout === 0 ? [] : [elementwise('feed-forward-dropout', DROPOUT, inside)]),
    product('down', { input: 'feed-forward-hidden', rows, inner: intermediate, columns: hidden, bias, split: 'inner' }),
  ];
}
