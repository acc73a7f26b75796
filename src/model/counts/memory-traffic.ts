/** Bytes that the kernels of a layer read from and write to device memory: what bounds all that is not a large product. */
import type { Attention, Elementwise, Layer, Lookup, MatrixProduct, Operator } from '../layer.ts';
import type { ActivationOptions } from './saved-activations.ts';
import { attentionShard, productShard, regionDegree } from './shard.ts';

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

/** Reads input and weight, writes output; the backward pass does two such products. */
function productTraffic(operator: MatrixProduct, { tensorDegree, samples, bytesPerElement }: TrafficOptions): Traffic {
  const { inner, columns } = productShard(operator, tensorDegree);
  const rows = operator.rows * samples;
  const forward = (rows * inner + inner * columns + rows * columns) * bytesPerElement;
  return { forward, backward: 2 * forward };
}

/**
 * Blockwise: queries, keys, values and output once; backwards also their gradients. Materialised: besides, the scores at 32
 * bits once for each of seven passes over them (product, bias, softmax, product), and ten backwards.
 */
function attentionTraffic(operator: Attention, options: TrafficOptions): Traffic {
  const { heads, keyValueHeads } = attentionShard(operator, options.tensorDegree);
  const { queries, keys, headDimension } = operator;
  const sequences = operator.sequences * options.samples;
  const operands = 2 * sequences * headDimension * (queries * heads + keys * keyValueHeads) * options.bytesPerElement;
  const scores = operator.bias && options.kernels === 'eager' ? sequences * queries * keys * heads * 4 : 0;
  return { forward: operands + 7 * scores, backward: 2 * operands + 10 * scores };
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
