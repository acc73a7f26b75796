/** Transformers for the tests of this folder, made of the same operators as the model families. */
import { attention } from '../../src/model/attention.ts';
import { assemble, repeated, single } from '../../src/model/chain.ts';
import { CROSS_ENTROPY, LAYER_NORM, RESIDUAL, RMS_NORM } from '../../src/model/kernels.ts';
import type { Model, Operator } from '../../src/model/layer.ts';
import { dropout, elementwise, feedForward, lookup, product } from '../../src/model/operators.ts';

export interface TransformerShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads?: number;
  readonly intermediate: number;
  readonly gated: boolean;
  readonly vocabulary: number;
  readonly tokens: number;
  readonly tied?: boolean;
  readonly bias?: boolean;
  readonly dropout?: number;
  /** Scores are written out instead of computed blockwise. */
  readonly materialisedScores?: boolean;
}

/** A decoder in the manner of Llama (gated) or GPT. */
export function aTransformer(shape: TransformerShape): Model {
  const { hidden, tokens, vocabulary } = shape;
  const elements = tokens * hidden;
  const head: Operator[] = [
    norm(shape, 'norm'),
    product('logits', {
      input: 'head-input',
      rows: tokens,
      inner: hidden,
      columns: vocabulary,
      split: 'columns',
      ...(shape.tied === true ? { tiedTo: 'embedding' } : {}),
    }),
    elementwise('loss', CROSS_ENTROPY, { elements: tokens * vocabulary, region: 'tensor' }),
  ];
  return assemble({ name: 'transformer', family: 'test', tokensPerSample: tokens }, [
    single('embedding', {
      operators: [lookup('tokens', { rows: tokens, entries: vocabulary, width: hidden, split: 'entries' })],
      outputElements: elements,
    }),
    repeated('block', shape.layers, { operators: block(shape), outputElements: elements }),
    single('head', { operators: head, outputElements: 0, tensorDegrees: [1, 2, 4, 8, 16, 32, 64] }),
  ]);
}

function norm({ hidden, tokens, gated }: TransformerShape, name: string): Operator {
  return elementwise(name, gated ? RMS_NORM : LAYER_NORM, {
    elements: tokens * hidden,
    parameters: gated ? hidden : 2 * hidden,
    region: 'sequence',
  });
}

function block(shape: TransformerShape): readonly Operator[] {
  const { hidden, heads, tokens, gated, bias = !gated } = shape;
  const elements = tokens * hidden;
  const probability = shape.dropout ?? 0;
  const residual = elementwise('residual', RESIDUAL, { elements, region: 'sequence' });
  return [
    norm(shape, 'attention-norm'),
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads: shape.keyValueHeads ?? heads,
      headDimension: hidden / heads,
      inputBias: bias,
      outputBias: bias,
      causal: true,
      rotary: gated,
    }),
    ...(shape.materialisedScores === true ? [scores(heads * tokens * tokens)] : []),
    ...dropout('attention-dropout', elements, probability),
    residual,
    norm(shape, 'feed-forward-norm'),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate: shape.intermediate,
      activation: gated ? 'silu' : 'gelu',
      gated,
      bias,
    }),
    ...dropout('feed-forward-dropout', elements, probability),
    residual,
  ];
}

/** Softmax and dropout of scores that are written out and kept, as Megatron-LM's fused kernels have it (arXiv 2205.05198, eq. 1). */
function scores(elements: number): Operator {
  const kernels = { forwardTransfers: 6, backwardTransfers: 8, saved: 2, savedFloat32: 0, savedMasks: 1 };
  return elementwise('scores', { eager: kernels, fused: kernels }, { elements, region: 'tensor' });
}
