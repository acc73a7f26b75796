/** Bytes that the kernels of a layer read from and write to device memory: what bounds all that is not a large product. */
import type { Attention, Elementwise, Layer, Lookup, MatrixProduct, Operator } from '../layer.ts';
import type { ActivationOptions } from './saved-activations.ts';
import { scoreHandling, type ScoreHandling } from './scores.ts';
import { attentionShard, productShard, regionDegree } from './shard.ts';

const FLOAT32 = 4;

export interface TrafficOptions extends Pick<
  ActivationOptions,
  'tensorDegree' | 'sequenceParallel' | 'bytesPerElement' | 'kernels'
> {
  /** Samples that a kernel works on at once (the micro-batch of a rank): weights are read once for all of them. */
  readonly samples: number;
}

export interface Traffic {
  readonly forward: number;
  readonly backward: number;
}

/** Bytes per rank for all `samples`, each operand read once and each result written once by the kernel concerned. */
export function memoryTraffic(layer: Layer, options: TrafficOptions): Traffic {
  const parts = layer.operators.map((operator) => operatorTraffic(operator, options));
  return {
    forward: parts.reduce((sum, { forward }) => sum + forward, 0),
    backward: parts.reduce((sum, { backward }) => sum + backward, 0),
  };
}

export function operatorTraffic(operator: Operator, options: TrafficOptions): Traffic {
  switch (operator.kind) {
    case 'matrix-product':
      return productTraffic(operator, options);
    case 'attention':
      return attentionTraffic(operator, options);
    case 'elementwise':
      return elementwiseTraffic(operator, options);
    case 'lookup':
      return lookupTraffic(operator, options);
    case 'opaque': {
      const kept = (operator.savedElements * options.samples * options.bytesPerElement) / options.tensorDegree;
      return { forward: kept, backward: kept };
    }
  }
}

/** Reads input and weight, writes output; each product of the backward pass likewise, and a bias sums over its gradient. */
function productTraffic(operator: MatrixProduct, { tensorDegree, samples, bytesPerElement }: TrafficOptions): Traffic {
  const { inner, columns } = productShard(operator, tensorDegree);
  const rows = operator.rows * samples;
  const forward = (rows * inner + inner * columns + rows * columns) * bytesPerElement;
  const biasSum = operator.bias ? rows * columns * bytesPerElement : 0;
  return { forward, backward: (operator.inputIsData ? 1 : 2) * forward + biasSum };
}

/** How often kernels go over the operands (queries, keys, values, output) and over the scores. */
interface AttentionTransfers {
  readonly forward: { readonly operands: number; readonly scores: number };
  readonly backward: { readonly operands: number; readonly scores: number };
}

/**
 * - Blockwise, each operand moves once, and backwards with its gradient.
 * - Written: the first product writes the scores, the softmax reads and writes them, the second product reads them; backwards the
 *   same for the gradient, the softmax reads its result too, and so do the products that give gradients of both operands.
 * - At 32 bits by eager PyTorch: conversion, scaling, product, bias, softmax, product. Measured by
 *   `test/model/reference/count.py` on T5.
 */
const TRANSFERS: Readonly<Record<ScoreHandling, AttentionTransfers>> = {
  blockwise: { forward: { operands: 1, scores: 0 }, backward: { operands: 2, scores: 0 } },
  written: { forward: { operands: 1, scores: 4 }, backward: { operands: 2, scores: 7 } },
  float32: { forward: { operands: 7.5, scores: 9 }, backward: { operands: 10, scores: 8.5 } },
};

/** Dropout of written scores reads them and writes them with a mask of a byte, and backwards the other way round. */
const DROPOUT_TRANSFERS = 2.5;

function attentionTraffic(operator: Attention, options: TrafficOptions): Traffic {
  const { heads, keyValueHeads } = attentionShard(operator, options.tensorDegree);
  const { queries, keys, headDimension } = operator;
  const sequences = operator.sequences * options.samples;
  const operands = 2 * sequences * headDimension * (queries * heads + keys * keyValueHeads) * options.bytesPerElement;
  const handling = scoreHandling(operator, options.kernels);
  const scores = sequences * queries * keys * heads * (handling === 'float32' ? FLOAT32 : options.bytesPerElement);
  const { forward, backward } = TRANSFERS[handling];
  const dropped = handling === 'written' && operator.dropout ? DROPOUT_TRANSFERS : 0;
  return {
    forward: forward.operands * operands + (forward.scores + dropped) * scores,
    backward: backward.operands * operands + (backward.scores + dropped) * scores,
  };
}

function elementwiseTraffic(operator: Elementwise, options: TrafficOptions): Traffic {
  const { forwardTransfers, backwardTransfers } = operator[options.kernels];
  const tensor =
    (operator.elements * options.samples * options.bytesPerElement) / regionDegree(operator.region, options);
  return { forward: tensor * forwardTransfers, backward: tensor * backwardTransfers };
}

/** Reads the rows looked up and writes them; backwards adds them to the table's gradient, which is first set to zero. */
function lookupTraffic(operator: Lookup, { tensorDegree, samples, bytesPerElement }: TrafficOptions): Traffic {
  const rows = operator.rows * samples * operator.width;
  const entries = operator.split === 'entries' ? Math.ceil(operator.entries / tensorDegree) : operator.entries;
  return { forward: 2 * rows * bytesPerElement, backward: (3 * rows + entries * operator.width) * bytesPerElement };
}
