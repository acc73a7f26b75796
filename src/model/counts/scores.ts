/** What attention does with its scores: queries × keys for each head. */
import type { Attention } from '../layer.ts';

/**
 * - `blockwise`: they stay on the chip (FlashAttention, arXiv 2205.14135), and are computed again in the backward pass.
 * - `written`: written to memory at the precision of activations, and kept after the softmax (Megatron-LM).
 * - `float32`: written at 32 bits and kept, as eager PyTorch does where a bias is added.
 */
export type ScoreHandling = 'blockwise' | 'written' | 'float32';

export function scoreHandling(
  { materialised, bias }: Pick<Attention, 'materialised' | 'bias'>,
  kernels: 'eager' | 'fused',
): ScoreHandling {
  if (materialised) return 'written';
  return bias && kernels === 'eager' ? 'float32' : 'blockwise';
}
