/** The attention of a transformer block as operators: projections, scores, output projection. */
import { ROTARY } from './kernels.ts';
import type { Attention, Operator } from './layer.ts';
import { elementwise, product } from './operators.ts';

export interface AttentionShape {
  /** Tokens that ask, in all sequences of a sample together. */
  readonly rows: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  /** Whether the projections to queries, keys and values, and that of the output, have a bias. */
  readonly inputBias: boolean;
  readonly outputBias: boolean;
  readonly causal: boolean;
  /** Rotary position embedding (arXiv 2104.09864) of queries and keys. */
  readonly rotary?: boolean;
  /** A learned bias is added to the scores. */
  readonly scoreBias?: boolean;
  /** All scores are written to memory. Default: false. */
  readonly materialised?: boolean;
  /** Probability that a score is dropped. Default: 0. */
  readonly dropout?: number;
  /** Independent sequences in a sample, of equal length. Default: 1. */
  readonly sequences?: number;
  /** Keys and values come from another layer's output of so many tokens, which that layer keeps (cross attention). */
  readonly memoryRows?: number;
  /** Distinguishes a second attention of a block. */
  readonly prefix?: string;
}

export function attention(shape: AttentionShape): readonly Operator[] {
  const { rows, hidden, heads, keyValueHeads, headDimension, memoryRows, sequences = 1, prefix = '' } = shape;
  const keyRows = memoryRows ?? rows;
  const width = heads * headDimension;
  const keyWidth = keyValueHeads * headDimension;
  const projection = { inner: hidden, bias: shape.inputBias, split: 'columns' } as const;
  const query = { ...projection, input: `${prefix}attention-input`, rows, columns: width, parts: heads };
  const keyOrValue = {
    ...projection,
    input: memoryRows === undefined ? query.input : `${prefix}memory`,
    rows: keyRows,
    columns: keyWidth,
    parts: keyValueHeads,
    keepsInput: memoryRows === undefined,
  };
  const scores: Attention = {
    kind: 'attention',
    name: `${prefix}attention`,
    sequences,
    queries: rows / sequences,
    keys: keyRows / sequences,
    heads,
    keyValueHeads,
    headDimension,
    causal: shape.causal,
    bias: shape.scoreBias ?? false,
    materialised: shape.materialised ?? false,
    dropout: (shape.dropout ?? 0) > 0,
  };
  const rotated = rows * width + keyRows * keyWidth;
  return [
    product(`${prefix}query`, query),
    product(`${prefix}key`, keyOrValue),
    product(`${prefix}value`, keyOrValue),
    ...(shape.rotary ? [elementwise(`${prefix}rotary`, ROTARY, { elements: rotated, region: 'tensor' })] : []),
    scores,
    product(`${prefix}attention-output`, {
      input: `${prefix}attended`,
      rows,
      inner: width,
      columns: hidden,
      parts: heads,
      bias: shape.outputBias,
      split: 'inner',
    }),
  ];
}
