/**
 * The few global numbers between data sheets and what programs reach. Most come from measurements of the operation itself,
 * named beside them. Those that say so were adjusted, once for all devices, models and programs, on published training runs.
 */

/** Share of peak that the best-shaped matrix product reaches on a device of which nobody published it: the median of those measured. */
export const MATRIX_EFFICIENCY = 0.8;

/**
 * Of the best matrix product's rate, what large products reach in training: few shapes are the best one, and steady work warms
 * the chip. Adjusted on published runs (docs/accuracy.md).
 */
export const SUSTAINED_MATRIX = 0.87;

/**
 * The same for devices that steady products bring to their power limit, which lowers the clock: NVIDIA's parts from Hopper on,
 * with 0.7 pJ a FLOP at the peak rate of the data sheet where Ampere has 1.3. Adjusted on published runs.
 */
export const POWER_BOUND_MATRIX = 0.78;

/** Rows and columns of the output tile that one multiprocessor computes at a time (CUTLASS's usual 128 × 128). */
export const MATRIX_TILE = 128;

/**
 * How much faster the best-shaped matrix product is at 8 bits than at 16, on devices that double their peak rate so (NVIDIA's from
 * Hopper on): 1402.6 against 794.5 TFLOP/s on H100 ("Machine Learning Engineering", compute/accelerator/README.md).
 */
export const FLOAT8_SPEEDUP = 1.77;

/** Waves of tiles for which the last, partly filled one stands. Adjusted on published runs. */
export const TAIL_WAVES = 0.75;

/**
 * Filling and draining the pipeline of a tile: some memory latencies, the same on every device, so that short inner dimensions
 * cost faster devices more. Seconds. Adjusted on published runs.
 */
export const TILE_SECONDS = 1.6e-6;

/** Share of peak that FlashAttention-2 reaches at best on a device of which nobody published it. */
export const ATTENTION_EFFICIENCY = 0.6;

/**
 * Of that best rate, what both passes together reach with a causal mask at long sequences: 189 of 228 TFLOP/s on A100
 * (FlashAttention-2, arXiv 2307.08691, figure 4 and section 4.1).
 */
export const SUSTAINED_ATTENTION = 0.83;

/** Of FlashAttention-2's rate, that of FlashAttention: "around 2×" slower (arXiv 2307.08691, abstract). Adjusted on published runs. */
export const FIRST_FLASH_ATTENTION = 0.54;

/**
 * Share of peak that kernels written for Hopper and later reach at best: FlashAttention-3 740 of 989 TFLOP/s on H100 (arXiv
 * 2407.08608, abstract); cuDNN's, which Transformer Engine calls, are as fast (its figures 5 and 6).
 */
export const THIRD_FLASH_ATTENTION = 0.75;

/**
 * Share of peak memory bandwidth that elementwise kernels and norms reach. Copies reach about 90%, kernels that also reduce or
 * compute exponentials less. Adjusted on published runs.
 */
export const MEMORY_EFFICIENCY = 0.74;

/** The same of kernels that only add or copy long arrays, as STREAM-like benchmarks do: close to 90%. Not adjusted. */
export const STREAM_EFFICIENCY = 0.88;

/** Between the end of a kernel and the start of the next in a stream. Seconds. Adjusted on published runs. */
export const KERNEL_SECONDS = 2e-6;

/**
 * Share of a link's nominal rate that ring collectives and copies reach at the sizes that training exchanges. Bus bandwidth
 * measured with nccl-tests ("Machine Learning Engineering", network/) on eight A100: 172 of 300 GB/s at 64 MiB, 194 at 256 MiB,
 * 229 at 1 GiB; at the largest sizes 0.78 on A100, 0.81 on H200, 0.76 on B200.
 */
export const LINK_EFFICIENCY = 0.72;

/**
 * The same over Omni-Path, whose 4 × 100 Gbit/s NCCL did not fill: all-reduce of 4 GB among 32 A100 on four nodes at 1.9 to
 * 5.3 GB/s, so 3.6 to 10.2 of 50 GB/s (bigscience, experiments/bandwidth/README.md). Between the two.
 */
export const OMNI_PATH_EFFICIENCY = 0.14;

/** The same between nodes: 382 of 400 GB/s (32 B200, EFA), 92 of 100 GB/s (32 GPUs). */
export const NETWORK_EFFICIENCY = 0.92;

/**
 * The same for an all-reduce that switches add up: a GPU sends each byte once. 480 GB/s bus bandwidth, so 274 of 450 GB/s, on
 * eight H100 (NVIDIA dgxc-benchmarking, nccl-tests); 479 of 900 GB/s on eight B200.
 */
export const SWITCH_REDUCTION_EFFICIENCY = 0.57;

/** Before the first byte of a collective: NCCL's model (`baseLat` of ring, Simple) and a kernel launch. Seconds. */
export const COLLECTIVE_SECONDS = 8.4e-6;

/** What an all-reduce in switches takes besides: the mean of 4 to 256 MiB in the same measurements on H100. Seconds. */
export const SWITCH_REDUCTION_SECONDS = 40e-6;

/**
 * How much longer computation and communication take together than the longer of them alone, as a share of the shorter:
 * Mist's A100 profile has 17.61 ms of computation and 8.57 ms of communication take 21.58 ms together (0.46), Hetu-Galvatron's
 * overlap coefficient 1.1256 is 0.13. Between the two.
 */
export const OVERLAP_SLOWDOWN = 0.3;
