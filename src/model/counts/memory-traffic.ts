/** Bytes that the kernels of a layer read from and write to device memory: what bounds all that is not a large product. */
import type { Attention, Elementwise, Layer, Lookup, MatrixProduct, Operator } from '../layer.ts';
import type { ActivationOptions } from './saved-activations.ts';
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

/**
 * How often eager PyTorch goes over the operands (queries, keys, values, output) and over the 32-bit scores where it
 * materialises them: conversion to 32 bits, scaling, product, bias, softmax, product. Measured by
 * `test/model/reference/count.py` on T5.
 */
const MATERIALISED = {
  forward: { operands: 7.5, scores: 9 },
  backward: { operands: 10, scores: 8.5 },
};

/** Blockwise, each operand moves once, and backwards with its gradient; the scores stay on the chip. */
const BLOCKWISE = {
  forward: { operands: 1, scores: 0 },
  backward: { operands: 2, scores: 0 },
};

function attentionTraffic(operator: Attention, options: TrafficOptions): Traffic {
  const { heads, keyValueHeads } = attentionShard(operator, options.tensorDegree);
  const { queries, keys, headDimension } = operator;
  const sequences = operator.sequences * options.samples;
  const operands = 2 * sequences * headDimension * (queries * heads + keys * keyValueHeads) * options.bytesPerElement;
  const scores = sequences * queries * keys * heads * FLOAT32;
  const { forward, backward } = operator.bias && options.kernels === 'eager' ? MATERIALISED : BLOCKWISE;
  return {
    forward: forward.operands * operands + forward.scores * scores,
    backward: backward.operands * operands + backward.scores * scores,
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
