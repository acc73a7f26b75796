/** Bytes that a rank needs only while it works on a layer: a stage needs those of one layer at a time. */
import type { LayerWork } from './layer-work.ts';
import { REDUCED_GRADIENT_BYTES } from './states.ts';
import type { Strategy } from './workload.ts';

/**
 * - Recomputed activations of one micro-batch.
 * - Gathered parameters, of this layer and of the next, which is gathered meanwhile; its whole gradient as computed and as
 *   summed (FSDP2's prefetching and `reduce_dtype`).
 * - The largest tensor that an operator puts out, and its gradient.
 */
export function bufferBytes(work: LayerWork, strategy: Strategy, bytesPerElement: number): number {
  const recomputed = strategy.recomputation === 'Full' ? work.activations.None : 0;
  const gathered = strategy.shards > 1 ? work.usedParameters * (3 * bytesPerElement + REDUCED_GRADIENT_BYTES) : 0;
  return recomputed + gathered + work.tensors;
}
