/** Bytes of a GPU that are not a plan's to use. */

const MEBIBYTE = 2 ** 20;

/** CUDA context with PyTorch's kernels loaded, as `nvidia-smi` shows for an idle process: 450 to 550 MiB on V100 to H100. */
const CONTEXT_BYTES = 550 * MEBIBYTE;

/**
 * NCCL's buffers: 4 MiB for each of two peers of up to 32 channels (`NCCL_BUFFSIZE`, NCCL documentation) for the groups of a
 * rank that are in use at once (tensor, data), and cuBLAS's workspaces (32 MiB a handle on Hopper, cuBLAS documentation).
 */
const LIBRARY_BYTES = 2 * 2 * 32 * 4 * MEBIBYTE + 64 * MEBIBYTE;

/** Share of memory that the caching allocator holds in blocks too small to use. */
const FRAGMENTATION = 0.04;

/**
 * Share of memory that CUDA does not give away: PyTorch reports a total of 79.15 GiB on A100 and H100 of 80, 39.4 of 40, 31.75 and
 * 15.78 on V100 (`torch.cuda.get_device_properties`, and its messages of memory run out).
 */
const WITHHELD = 0.01;

export function reservedBytes(memoryBytes: number): number {
  return CONTEXT_BYTES + LIBRARY_BYTES + (FRAGMENTATION + WITHHELD) * memoryBytes;
}
