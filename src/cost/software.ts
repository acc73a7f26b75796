/** What of the training software bears on costs, where it is not a choice of the plan. */

export interface Software {
  /** One kernel for each elementwise operator, as compilers and fused libraries provide, or one for each operation written. */
  readonly kernels: 'fused' | 'eager';
  /**
   * Whether recomputation of a layer ends with the last tensor that its backward pass needs, as non-reentrant checkpointing does
   * since PyTorch 2.1 (`torch.utils.checkpoint`, early stop), instead of running the whole forward pass.
   */
  readonly recomputesOnlyNeeded: boolean;
  /** FlashAttention's: 2 is what PyTorch has (arXiv 2307.08691), 3 stands for kernels made for Hopper (arXiv 2407.08608). */
  readonly flashGeneration: FlashGeneration;
  /** Whether products with weights are computed at 8 bits. */
  readonly float8Products: boolean;
  /** Bytes of a gradient as micro-batches add it up and as ranks sum it. */
  readonly gradientBytes: 2 | 4;
  /**
   * Whether a product that computes a weight's gradient adds it to that of earlier micro-batches (Megatron-LM's
   * `gradient_accumulation_fusion`) instead of leaving that to a kernel after it, as PyTorch does.
   */
  readonly addsGradientsInProducts: boolean;
  /** Whether tensor-parallel exchanges run beside the products that need them (Transformer Engine's `tp_comm_overlap`). */
  readonly overlapsTensorExchange: boolean;
  /**
   * Whether parameters that ZeRO-1 or 2 updated are gathered beside the next forward pass (Megatron-LM's `--overlap-param-gather`),
   * instead of before it.
   */
  readonly overlapsParameterGather: boolean;
  /**
   * Whether what a stage hands over stays in memory until its backward pass, as `torch.autograd.backward` needs it; Megatron-LM lets
   * go of it (`deallocate_output_tensor`).
   */
  readonly keepsStageOutputs: boolean;
}

export type FlashGeneration = 1 | 2 | 3;

/**
 * What a plan is priced for: gradients at 32 bits, as FSDP2's `reduce_dtype` and Megatron-LM's BF16 training have it, and
 * the whole layer computed again, as Megatron-LM does.
 */
export const PLANNED_SOFTWARE: Software = {
  kernels: 'fused',
  flashGeneration: 2,
  float8Products: false,
  recomputesOnlyNeeded: false,
  gradientBytes: 4,
  addsGradientsInProducts: false,
  overlapsTensorExchange: false,
  overlapsParameterGather: true,
  keepsStageOutputs: true,
};
