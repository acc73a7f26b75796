import { savedActivationBytes } from '../model/counts/saved-activations.ts';
import type { Layer } from '../model/layer.ts';
import { bytesPerElement, KERNELS, type Strategy, type Workload } from './workload.ts';

/** Bytes that a layer keeps of one micro-batch on a rank, from its forward pass to its backward pass. */
export function activationBytes(layer: Layer, workload: Workload, strategy: Strategy, samples: number): number {
  return (
    samples *
    savedActivationBytes(layer, {
      tensorDegree: strategy.tensor,
      sequenceParallel: strategy.sequenceParallel,
      bytesPerElement: bytesPerElement(workload),
      recomputation: strategy.recomputation === 'Full' ? 'full' : 'none',
      kernels: KERNELS,
    })
  );
}
