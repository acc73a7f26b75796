/** Bytes of parameters, gradients and optimizer states (ZeRO, arXiv 1910.02054, section 3.1). */
import type { Strategy, Workload } from './workload.ts';
import { bytesPerElement } from './workload.ts';

type Training = Workload['training'];

const FLOAT32 = 4;

/** States that an optimizer keeps for each parameter, at 32 bits. */
const OPTIMIZER_STATES = { AdamW: 2, Adam: 2, SGD: 0, Momentum: 1 } as const satisfies Record<
  Training['optimizer'],
  number
>;

export interface Kept extends Pick<Strategy, 'shards' | 'zeroStage'> {
  /** Bytes of a gradient as micro-batches add it up. */
  readonly gradientBytes: number;
}

export interface StateBytes {
  /** Parameters at 32 bits, those at 16 bits besides where computation uses them, and the optimizer's states. */
  readonly states: number;
  readonly gradients: number;
}

/**
 * Parameters, gradients and states are kept at 32 bits, as PyTorch's FSDP2 does with `MixedPrecisionPolicy` and Megatron-LM
 * with `--accumulate-allreduce-grads-in-fp32`. Computation at 16 bits needs a copy of the parameters besides, which under
 * ZeRO-3 is made for each layer in turn ({@link ./buffers.ts}), and else kept whole. So AdamW at 16 bits takes 18 bytes a
 * parameter; with d shards 6 + 12 / d under ZeRO-1 (Megatron-LM's distributed optimizer, whose guide has these figures),
 * 2 + 16 / d under ZeRO-2 and 16 / d under ZeRO-3. At 32 bits what computation uses is the parameter itself.
 *
 * @param parameters - Of one rank before sharding.
 */
export function stateBytes(
  training: Training,
  parameters: number,
  { shards, zeroStage, gradientBytes }: Kept,
): StateBytes {
  const parameterShards = zeroStage === 3 ? shards : 1;
  const optimizerStates = (FLOAT32 * OPTIMIZER_STATES[training.optimizer] * parameters) / shards;
  const gradients = (gradientBytes * parameters) / gradientShards({ shards, zeroStage });
  if (training.precision === 'FP32') {
    return { states: (FLOAT32 * parameters) / parameterShards + optimizerStates, gradients };
  }
  const copy = parameterShards === 1 ? bytesPerElement({ training }) * parameters : 0;
  return { states: (FLOAT32 * parameters) / shards + optimizerStates + copy, gradients };
}

/** Ranks that each keep a part of the gradients. */
export function gradientShards({ shards, zeroStage }: Pick<Strategy, 'shards' | 'zeroStage'>): number {
  return zeroStage === 1 ? 1 : shards;
}

/**
 * Bytes that one optimizer step reads and writes for a parameter: gradient norm and gradient, parameter and each state in and
 * out, the copy at 16 bits, and the gradient set to zero, each once, as fused kernels do.
 */
export function optimizerTraffic(training: Training): number {
  const copy = training.precision === 'FP32' ? 0 : bytesPerElement({ training });
  return FLOAT32 * (3 + 2 + 2 * OPTIMIZER_STATES[training.optimizer]) + copy;
}
