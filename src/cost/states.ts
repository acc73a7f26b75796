/** Bytes of parameters, gradients and optimizer states (ZeRO, arXiv 1910.02054, section 3.1). */
import type { Workload } from './workload.ts';
import { bytesPerElement } from './workload.ts';

type Training = Workload['training'];

const FLOAT32 = 4;

/** States that an optimizer keeps for each parameter, at 32 bits. */
const OPTIMIZER_STATES = { AdamW: 2, Adam: 2, SGD: 0, Momentum: 1 } as const satisfies Record<
  Training['optimizer'],
  number
>;

export interface StateBytes {
  /** Parameters at 32 bits, those at 16 bits besides where computation uses them, and the optimizer's states. */
  readonly states: number;
  readonly gradients: number;
}

/**
 * @param parameters - Of one rank before sharding.
 *
 * Parameters, gradients and states are kept at 32 bits and sharded, as PyTorch's FSDP2 does with `MixedPrecisionPolicy` and
 * Megatron-LM with `--accumulate-allreduce-grads-in-fp32`. Computation at 16 bits needs a copy of the parameters, kept all
 * the time unless they are sharded: then it is made for each layer in turn ({@link ./buffers.ts}).
 */
export function stateBytes(training: Training, parameters: number, shards: number): StateBytes {
  const kept = (FLOAT32 * (1 + OPTIMIZER_STATES[training.optimizer]) * parameters) / shards;
  const copy = training.precision === 'FP32' || shards > 1 ? 0 : bytesPerElement({ training }) * parameters;
  return { states: kept + copy, gradients: (FLOAT32 * parameters) / shards };
}

/** Bytes of a gradient as ranks sum it: at 32 bits, as FSDP2's `reduce_dtype` and Megatron-LM's BF16 training have it. */
export const REDUCED_GRADIENT_BYTES = FLOAT32;

/**
 * Bytes that one optimizer step reads and writes for a parameter: gradient norm and gradient, parameter and each state in and
 * out, the copy at 16 bits, and the gradient set to zero, each once, as fused kernels do.
 */
export function optimizerTraffic(training: Training): number {
  const copy = training.precision === 'FP32' ? 0 : bytesPerElement({ training });
  return FLOAT32 * (3 + 2 + 2 * OPTIMIZER_STATES[training.optimizer]) + copy;
}
