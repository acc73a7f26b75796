/**
 * The few global numbers between data sheets and what programs reach. Most come from measurements of the operation itself,
 * named beside them. Those that say so were adjusted, once for all devices, models and programs, on published training runs.
 */

/** Share of peak that the best-shaped matrix product reaches on a device of which nobody published it: the median of those measured. */
export const MATRIX_EFFICIENCY = 0.8;

/**
 * Of the best matrix product's rate, what large products reach in training: power limits lower the clock and few shapes are
 * the best one. Adjusted on published runs (docs/cost-model.md).
 */
export const SUSTAINED_MATRIX = 0.87;

/** Rows and columns of the output tile that one multiprocessor computes at a time (CUTLASS's usual 128 × 128). */
export const MATRIX_TILE = 128;

/**
 * Filling and draining the pipeline of a tile: some memory latencies, the same on every device, so that short inner dimensions
 * cost faster devices more. Seconds. Adjusted on published runs.
 */
export const TILE_SECONDS = 1e-6;

/** Share of peak that FlashAttention-2 reaches at best on a device of which nobody published it. */
export const ATTENTION_EFFICIENCY = 0.6;

/** Of that, what both passes reach at usual lengths and in usual software. Adjusted on published runs. */
export const SUSTAINED_ATTENTION = 0.42;

/**
 * Share of peak memory bandwidth that elementwise kernels and norms reach. Copies reach about 90%, kernels that also reduce or
 * compute exponentials less. Adjusted on published runs.
 */
export const MEMORY_EFFICIENCY = 0.75;

/** Between the end of a kernel and the start of the next in a stream. Seconds. Adjusted on published runs. */
export const KERNEL_SECONDS = 2e-6;

/**
 * Share of a link's nominal rate that ring collectives and copies reach at large messages. Bus bandwidth measured with
 * nccl-tests ("Machine Learning Engineering", network/): 235 of 300 GB/s on A100, 365 of 450 on H200, 680 of 900 on B200.
 */
export const LINK_EFFICIENCY = 0.78;

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
