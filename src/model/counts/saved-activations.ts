/** Bytes that the forward pass of a layer keeps for its backward pass. */
import type { Attention, Elementwise, Layer, MatrixProduct, Operator } from '../layer.ts';
import { scoreHandling, type ScoreHandling } from './scores.ts';
import { attentionShard, productShard, regionDegree, type Sharding } from './shard.ts';

/** Which activations the backward pass computes again: none, the attention core (arXiv 2205.05198), or all of the layer. */
type Recomputation = 'none' | 'selective' | 'full';

export interface ActivationOptions extends Sharding {
  /** Of an activation: 2 for BF16 and FP16, 4 for FP32. */
  readonly bytesPerElement: number;
  readonly recomputation: Recomputation;
  /** Which kernels run: PyTorch's, one for each operation written, or fused ones. */
  readonly kernels: 'eager' | 'fused';
}

const FLOAT32 = 4;
const INT64 = 8;

/**
 * Bytes kept on each rank for one sample. Left out, as below 0.1%: row statistics of norms, and what all layers share (angles
 * of rotary embeddings, masks). What another layer keeps is counted there ({@link MatrixProduct.keepsInput}).
 *
 * Under full recomputation only the layer's input is kept, and what later layers read of it.
 */
export function savedActivationBytes(layer: Layer, options: ActivationOptions): number {
  if (options.recomputation === 'full') {
    const input = layer.inputElements * options.bytesPerElement * share('sequence', options);
    return input + relayed(layer, options).reduce((total, operator) => total + operatorBytes(operator, options), 0);
  }
  const own = layer.operators.reduce((total, operator) => total + operatorBytes(operator, options), 0);
  return own + keptInputs(layer.operators).reduce((total, input) => total + inputBytes(input, options), 0);
}

/**
 * The operators that must run for the backward pass to have all that it needs: those behind the last one that keeps something,
 * and that one itself where it is a product, which keeps its input, need not.
 */
export function upToLastKept(
  operators: readonly Operator[],
  kernels: ActivationOptions['kernels'],
): readonly Operator[] {
  const last = operators.findLastIndex((operator) => keepsSomething(operator, kernels));
  return operators.slice(0, operators[last]?.kind === 'matrix-product' ? last : last + 1);
}

function keepsSomething(operator: Operator, kernels: ActivationOptions['kernels']): boolean {
  if (operator.kind !== 'elementwise') return true;
  const { saved, savedFloat32, savedMasks } = operator[kernels];
  return saved + savedFloat32 + savedMasks > 0;
}

/**
 * Operators that move nothing and stand for what a layer hands to later ones (T5's encoder output): those need it until their
 * backward passes, so that to compute it again would free nothing.
 */
function relayed({ operators, relayedElements }: Layer, { kernels }: ActivationOptions): readonly Operator[] {
  if (relayedElements === 0) {
    return [];
  }
  return operators.filter((operator) => operator.kind === 'elementwise' && operator[kernels].forwardTransfers === 0);
}

/** One product for each distinct tensor that products of a layer read and that no other layer keeps. */
function keptInputs(operators: readonly Operator[]): readonly MatrixProduct[] {
  const kept = new Map<string, MatrixProduct>();
  for (const operator of operators) {
    if (operator.kind === 'matrix-product' && operator.keepsInput && !kept.has(operator.input)) {
      kept.set(operator.input, operator);
    }
  }
  return [...kept.values()];
}

/**
 * Input of a product: split with the weight's rows; else whole, or split along the sequence and gathered again in the
 * backward pass (arXiv 2205.05198, section 4.2.2).
 */
function inputBytes(product: MatrixProduct, options: ActivationOptions): number {
  const { inner } = productShard(product, options.tensorDegree);
  const whole = product.rows * inner * options.bytesPerElement;
  return product.split === 'inner' ? whole : whole * share('sequence', options);
}

function operatorBytes(operator: Operator, options: ActivationOptions): number {
  switch (operator.kind) {
    case 'matrix-product':
      return 0;
    case 'attention':
      return attentionBytes(operator, options);
    case 'elementwise':
      return elementwiseBytes(operator, options);
    case 'lookup':
      return operator.rows * INT64;
    case 'opaque':
      return (operator.savedElements * options.bytesPerElement) / options.tensorDegree;
  }
}

/** Queries, keys and values (at 32 bits where the scores are), and {@link coreBytes}. */
function attentionBytes(operator: Attention, options: ActivationOptions): number {
  const { heads, keyValueHeads } = attentionShard(operator, options.tensorDegree);
  const { sequences, queries, keys, headDimension } = operator;
  const handling = scoreHandling(operator, options.kernels);
  const bytes = handling === 'float32' ? Math.max(options.bytesPerElement, FLOAT32) : options.bytesPerElement;
  const inputs = sequences * headDimension * (queries * heads + 2 * keys * keyValueHeads) * bytes;
  const core = sequences * queries * heads * coreBytes(operator, handling, options.bytesPerElement);
  return inputs + (options.recomputation === 'selective' ? 0 : core);
}

/**
 * What attention keeps for each query and head besides its inputs: a 32-bit statistic where it is blockwise, else all scores after
 * the softmax, and after dropout once more with a mask (arXiv 2205.05198, section 4.1).
 */
function coreBytes({ keys, dropout }: Attention, handling: ScoreHandling, bytesPerElement: number): number {
  if (handling === 'blockwise') return FLOAT32;
  const score = handling === 'float32' ? FLOAT32 : bytesPerElement;
  return keys * (dropout ? 2 * score + 1 : score);
}

function elementwiseBytes(operator: Elementwise, options: ActivationOptions): number {
  const { saved, savedFloat32, savedMasks } = operator[options.kernels];
  const bytes = saved * options.bytesPerElement + savedFloat32 * FLOAT32 + savedMasks;
  return operator.elements * bytes * share(operator.region, options);
}

function share(region: Elementwise['region'], sharding: Sharding): number {
  return 1 / regionDegree(region, sharding);
}
