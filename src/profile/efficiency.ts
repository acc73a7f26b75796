/**
 * The few global numbers between data sheets and what programs reach. Each comes from measurements of the operation
 * itself, named beside it, and none from a training run of which a time is to be predicted.
 */

/** Share of peak that the best-shaped matrix product reaches on a device of which nobody published it: the median of those measured. */
export const MATRIX_EFFICIENCY = 0.8;

/** Rows and columns of the output tile that one multiprocessor computes at a time (CUTLASS's usual 128 × 128). */
export const MATRIX_TILE = 128;

/**
 * Share of the matrix rate that blockwise attention reaches: FlashAttention-2 (arXiv 2307.08691, section 4.1) reports up to
 * 73% of peak forward and 63% backward on A100, where the best matrix products reach 87%.
 */
export const ATTENTION_EFFICIENCY = 0.75;

/** Share of peak memory bandwidth that streaming kernels reach: 2,750 to 3,090 of 3,350 GB/s on H100, 1,750 of 2,039 on A100. */
export const MEMORY_EFFICIENCY = 0.87;

/** Between the end of a kernel and the start of the next in a stream. Seconds. */
export const KERNEL_SECONDS = 3e-6;

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

/** Before the first byte of an all-reduce in switches: NCCL's model (`hwLat` of NVLS). Seconds. */
export const SWITCH_REDUCTION_SECONDS = 25e-6;

/**
 * How much longer computation and communication take together than the longer of them alone, as a share of the shorter:
 * Mist's A100 profile has 17.61 ms of computation and 8.57 ms of communication take 21.58 ms together (0.46), Hetu-Galvatron's
 * overlap coefficient 1.1256 is 0.13.
 */
export const OVERLAP_SLOWDOWN = 0.3;
