/** What of the training software bears on costs, where it is not a choice of the plan. */

export interface Software {
  /** One kernel for each elementwise operator, as compilers and fused libraries provide, or one for each operation written. */
  readonly kernels: 'fused' | 'eager';
  /**
   * Whether recomputation of a layer ends with the last tensor that its backward pass needs, as non-reentrant checkpointing does
   * since PyTorch 2.1 (`torch.utils.checkpoint`, early stop), instead of running the whole forward pass.
   */
  readonly recomputesOnlyNeeded: boolean;
  /** Bytes of a gradient as micro-batches add it up and as ranks sum it. */
  readonly gradientBytes: 2 | 4;
}

/**
 * What a plan is priced for: gradients at 32 bits, as FSDP2's `reduce_dtype` and Megatron-LM's BF16 training have it, and
 * the whole layer computed again, as Megatron-LM does.
 */
export const PLANNED_SOFTWARE: Software = { kernels: 'fused', recomputesOnlyNeeded: false, gradientBytes: 4 };
