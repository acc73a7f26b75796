/** Bytes that a rank needs only while it works on a layer: a stage needs those of one layer at a time. */
import { productShard, regionDegree } from '../model/counts/shard.ts';
import { parameters } from '../model/counts/parameters.ts';
import type { Layer, Operator } from '../model/layer.ts';
import { activationBytes } from './activations.ts';
import { REDUCED_GRADIENT_BYTES } from './states.ts';
import { bytesPerElement, type Strategy, type Workload } from './workload.ts';

/**
 * - Recomputed activations of one micro-batch.
 * - Gathered parameters, of this layer and of the next, which is gathered meanwhile; its whole gradient as computed and as
 *   summed (FSDP2's prefetching and `reduce_dtype`).
 * - The largest tensor that an operator puts out, and its gradient.
 */
export function bufferBytes(layer: Layer, workload: Workload, strategy: Strategy, samples: number): number {
  const element = bytesPerElement(workload);
  const recomputed =
    strategy.recomputation === 'Full'
      ? activationBytes(layer, workload, { ...strategy, recomputation: 'None' }, samples)
      : 0;
  const gathered =
    strategy.shards > 1 ? parameters(layer, strategy.tensor) * (3 * element + REDUCED_GRADIENT_BYTES) : 0;
  const outputs = layer.operators.map((operator) => outputElements(operator, strategy));
  return recomputed + gathered + 2 * element * samples * Math.max(0, ...outputs);
}

function outputElements(operator: Operator, { tensor, sequenceParallel }: Strategy): number {
  switch (operator.kind) {
    case 'matrix-product':
      return operator.rows * productShard(operator, tensor).columns;
    case 'elementwise':
      return operator.elements / regionDegree(operator.region, { tensorDegree: tensor, sequenceParallel });
    case 'lookup':
      return operator.rows * operator.width;
    case 'attention':
    case 'opaque':
      return 0;
  }
}
