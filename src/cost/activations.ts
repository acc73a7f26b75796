import { savedActivationBytes, type ActivationOptions } from '../model/counts/saved-activations.ts';
import type { Layer } from '../model/layer.ts';

/** Bytes that a layer keeps of one micro-batch on a rank, from its forward pass to its backward pass. */
export function activationBytes(layer: Layer, options: ActivationOptions & { readonly samples: number }): number {
  return options.samples * savedActivationBytes(layer, options);
}
