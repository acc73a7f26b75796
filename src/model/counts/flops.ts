/**
 * Floating-point operations of a layer for one sample on each rank, a multiplication and an addition counting as two.
 * Only matrix products and attention are counted, as is customary: the rest is bound by memory
 * ({@link ./memory-traffic.ts}).
 */
import { invariant } from '../../api/errors.ts';
import type { Attention, Layer, Operator } from '../layer.ts';
import { attentionShard, productShard } from './shard.ts';

/**
 * - `all`: the causal mask discounts nothing, as in the definition of model FLOPs (PaLM, arXiv 2204.02311, appendix B) and in
 *   PyTorch's FlopCounterMode.
 * - `unmasked`: scores above the diagonal are skipped, as FlashAttention does (arXiv 2307.08691).
 */
export type CountedScores = 'all' | 'unmasked';

/** FLOP of the forward pass: 2 · rows · inner · columns for a product, 4 · queries · keys · width for attention. */
export function forwardFlops(layer: Layer, tensorDegree = 1, scores: CountedScores = 'all'): number {
  return sum(layer, (operator) => operatorForwardFlops(operator, tensorDegree, scores));
}

/**
 * FLOP that the hardware does in the backward pass: two products for each of the forward pass (gradients of input and
 * weight; of the weight alone where the input is data); blockwise attention computes its scores again, so does five
 * products for two (arXiv 2205.14135); scores that are written to memory are kept.
 */
export function backwardFlops(layer: Layer, tensorDegree = 1, scores: CountedScores = 'all'): number {
  return sum(layer, (operator) => operatorBackwardFlops(operator, tensorDegree, scores));
}

/**
 * FLOP that training needs for one sample, whatever the hardware does: three times the forward pass, nothing counted for
 * recomputation. For a decoder this is 6 N + 12 · layers · heads · headDimension · tokens per token, N being the
 * parameters of matrix products (arXiv 2204.02311, appendix B). Model FLOPs utilisation divides by it.
 */
export function modelFlops(layers: readonly Layer[]): number {
  return layers.reduce((total, layer) => total + 3 * forwardFlops(layer), 0);
}

export function operatorForwardFlops(operator: Operator, degree: number, scores: CountedScores): number {
  switch (operator.kind) {
    case 'matrix-product': {
      const { inner, columns } = productShard(operator, degree);
      return 2 * operator.rows * inner * columns;
    }
    case 'attention':
      return attentionFlops(operator, degree, scores);
    case 'opaque':
      return operator.forwardFlops / degree;
    case 'elementwise':
    case 'lookup':
      return 0;
  }
}

export function operatorBackwardFlops(operator: Operator, degree: number, scores: CountedScores): number {
  return backwardProducts(operator) * operatorForwardFlops(operator, degree, scores);
}

/** Products of the backward pass for each of the forward pass. */
function backwardProducts(operator: Operator): number {
  if (operator.kind === 'attention') return operator.bias || operator.materialised ? 2 : 2.5;
  return operator.kind === 'matrix-product' && operator.inputIsData ? 1 : 2;
}

/** Two products, queries × keysᵀ and scores × values, for each head. */
function attentionFlops(operator: Attention, degree: number, scores: CountedScores): number {
  const { heads } = attentionShard(operator, degree);
  const { sequences, queries, keys, headDimension } = operator;
  return 4 * sequences * queries * keys * heads * headDimension * scoreShare(operator, scores);
}

function scoreShare({ causal, bias, materialised, queries, keys }: Attention, scores: CountedScores): number {
  if (scores === 'all' || !causal || bias || materialised) {
    return 1;
  }
  invariant(queries === keys, 'causal attention has as many queries as keys');
  return (queries + 1) / (2 * queries);
}

function sum(layer: Layer, count: (operator: Operator) => number): number {
  return layer.operators.reduce((total, operator) => total + count(operator), 0);
}
