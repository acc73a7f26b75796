/** Seconds that the ranks of a tensor-parallel group exchange activations for a layer, per micro-batch. Not overlapped. */
import { tensorCollectives, type Collective } from '../model/counts/tensor-collectives.ts';
import type { Layer } from '../model/layer.ts';
import { collectiveSeconds } from './collectives.ts';
import type { PassSeconds } from './computation.ts';
import type { Hardware } from './hardware.ts';

export interface TensorGroup {
  readonly tensorDegree: number;
  readonly sequenceParallel: boolean;
  /** Samples of a micro-batch. */
  readonly samples: number;
  readonly bytesPerElement: number;
}

/** Without recomputation, which repeats the forward pass's. */
export function tensorSeconds(layer: Pick<Layer, 'operators'>, hardware: Hardware, group: TensorGroup): PassSeconds {
  if (group.tensorDegree === 1) {
    return { forward: 0, backward: 0 };
  }
  const ranks = { stride: 1, size: group.tensorDegree };
  const total = (collectives: readonly Collective[]): number =>
    collectives.reduce((sum, { kind, elements }) => {
      const bytes = elements * group.samples * group.bytesPerElement;
      return sum + collectiveSeconds(hardware, ranks, { kind, bytes });
    }, 0);
  const { forward, backward } = tensorCollectives(layer, group.sequenceParallel);
  return { forward: total(forward), backward: total(backward) };
}
