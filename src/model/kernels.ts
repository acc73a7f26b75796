/**
 * What elementwise operators move and keep, one entry for each. The eager figures are those of Hugging Face transformers
 * 5.23 on PyTorch 2.15: tensors kept as `test/model/reference/count.py` finds them, tensors moved as its traffic counter
 * does, in units of one tensor of activations at 16 bits. The fused ones follow from the definition of the operator:
 * each input read once, each output written once, and kept what the backward pass needs.
 */
import type { Kernels } from './layer.ts';

export interface KernelPair {
  readonly eager: Kernels;
  readonly fused: Kernels;
}

function kernels(forwardTransfers: number, backwardTransfers: number, saved: Partial<Kernels> = {}): Kernels {
  return { forwardTransfers, backwardTransfers, saved: 0, savedFloat32: 0, savedMasks: 0, ...saved };
}

function alike(both: Kernels): KernelPair {
  return { eager: both, fused: both };
}

/** Layer normalisation is one kernel in PyTorch already. */
export const LAYER_NORM = alike(kernels(2, 3, { saved: 1 }));

/** Keeps its input at 32 bits and the normalised tensor before scaling (`LlamaRMSNorm`). */
export const RMS_NORM: KernelPair = {
  eager: kernels(18, 48, { saved: 1, savedFloat32: 1 }),
  fused: kernels(2, 3, { saved: 1 }),
};

/** As {@link RMS_NORM}, but multiplies the input as it came and so keeps that too (`T5LayerNorm`). */
export const T5_NORM: KernelPair = {
  eager: kernels(17, 47, { saved: 2, savedFloat32: 1 }),
  fused: kernels(2, 3, { saved: 1 }),
};

/** Rotary position embedding is linear: its backward pass needs only the table of angles, which all layers share. */
export const ROTARY: KernelPair = { eager: kernels(11, 14), fused: kernels(2, 2) };

/** The sum of two tensors; backwards, the sum of the gradients of two uses. */
export const RESIDUAL = alike(kernels(3, 3));

/** Keeps a mask of one byte an element. Fused into its neighbour it moves little but the mask. */
export const DROPOUT: KernelPair = {
  eager: kernels(2.5, 2.5, { savedMasks: 1 }),
  fused: kernels(0.5, 0.5, { savedMasks: 1 }),
};

/** The product of an activation with a second projection; fused with the activation, which it then computes again. */
export const GATE: KernelPair = { eager: kernels(3, 6, { saved: 2 }), fused: kernels(1, 2, { saved: 1 }) };

/** Cross entropy keeps the logarithm of the softmax. */
export const CROSS_ENTROPY: KernelPair = {
  eager: kernels(2, 4, { saved: 1 }),
  fused: kernels(3, 3, { savedFloat32: 1 }),
};

/** Cross entropy of logits converted to 32 bits first (`ForCausalLMLoss`). */
export const CROSS_ENTROPY_FLOAT32: KernelPair = {
  eager: kernels(7, 11, { savedFloat32: 1 }),
  fused: kernels(3, 3, { savedFloat32: 1 }),
};

/** Cross entropy that reads logits once and writes their gradient in their place (FlashAttention's `CrossEntropyLoss`). */
export const CROSS_ENTROPY_IN_PLACE = alike(kernels(1, 2));

/**
 * Megatron-LM's vocabulary-parallel cross entropy without fusion: conversion to 32 bits, maximum, difference, exponential, sum and
 * division go over the logits one by one, as in eager PyTorch.
 */
export const CROSS_ENTROPY_PARALLEL = alike(CROSS_ENTROPY_FLOAT32.eager);

/**
 * Tokens are put into the order of windows and back, in every second block shifted first. Eager PyTorch pads, shifts and
 * reorders, each by a copy; a fused kernel copies once each way.
 */
export const WINDOWS: KernelPair = { eager: kernels(8, 8), fused: kernels(4, 4) };

/** Moves nothing: the encoder's output is kept for the cross attention of all decoder blocks. */
export const ENCODER_OUTPUT = alike(kernels(0, 0, { saved: 1 }));

/** Moves next to nothing: a classifier that reads one token keeps, by its view of it, the whole tensor. */
export const VIEW_OF_ONE_TOKEN = alike(kernels(0, 0, { saved: 1 }));

const ONE_KERNEL = alike(kernels(2, 3, { saved: 1 }));

/** ReLU needs its output only, which the product that reads it keeps; unless dropout lies between. */
const RELU = alike(kernels(2, 3));
export const RELU_BEFORE_DROPOUT = ONE_KERNEL;

/** Activations by the names that Hugging Face gives them (`hidden_act`). */
export const ACTIVATIONS: ReadonlyMap<string, KernelPair> = new Map([
  ['gelu', ONE_KERNEL],
  ['gelu_pytorch_tanh', ONE_KERNEL],
  // Written out in eight operations, four of which keep a tensor.
  ['gelu_new', { eager: kernels(18, 28, { saved: 4 }), fused: kernels(2, 3, { saved: 1 }) }],
  ['quick_gelu', { eager: kernels(7, 14, { saved: 2 }), fused: kernels(2, 3, { saved: 1 }) }],
  ['silu', ONE_KERNEL],
  ['swish', ONE_KERNEL],
  ['tanh', ONE_KERNEL],
  ['relu', RELU],
]);
