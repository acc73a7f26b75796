/** Bytes that a rank needs only while it works on a layer: a stage needs those of one layer at a time. */
import type { LayerWork } from './layer-work.ts';
import type { Strategy } from './workload.ts';

export interface ElementSizes {
  /** Of an activation, and of a parameter in computation. */
  readonly bytesPerElement: number;
  /** Of a gradient as ranks sum it. */
  readonly gradientBytes: number;
}

/**
 * - Recomputed activations of one micro-batch.
 * - Where parameters or gradients are sharded, what there is of them whole: {@link wholeBytes}.
 * - The largest tensor that an operator puts out, and its gradient.
 */
export function bufferBytes(work: LayerWork, strategy: Strategy, sizes: ElementSizes): number {
  return recomputedBytes(work, strategy) + wholeBytes(work, strategy, sizes) + work.tensors;
}

function recomputedBytes({ activations }: LayerWork, { recomputation }: Strategy): number {
  switch (recomputation) {
    case 'None':
      return 0;
    case 'Selective':
      return activations.None - activations.Selective;
    case 'Full':
      return activations.None;
  }
}

/**
 * ZeRO-2: the layer's gradient as computed and as summed (FSDP2's `reduce_dtype`). ZeRO-3: gathered parameters too, of this
 * layer and of the next, which is gathered meanwhile (FSDP2's prefetching).
 */
function wholeBytes({ usedParameters }: LayerWork, { shards, zeroStage }: Strategy, sizes: ElementSizes): number {
  const { bytesPerElement, gradientBytes } = sizes;
  if (shards === 1 || zeroStage === 1) {
    return 0;
  }
  const gathered = zeroStage === 3 ? 2 * bytesPerElement : 0;
  return usedParameters * (gathered + bytesPerElement + gradientBytes);
}
