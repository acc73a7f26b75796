/** Seconds that single kernels take on a device. */
import type { Device, Precision } from '../profile/device.ts';
import {
  ATTENTION_EFFICIENCY,
  FIRST_FLASH_ATTENTION,
  FLOAT8_SPEEDUP,
  KERNEL_SECONDS,
  MATRIX_EFFICIENCY,
  MATRIX_TILE,
  MEMORY_EFFICIENCY,
  POWER_BOUND_MATRIX,
  STREAM_EFFICIENCY,
  SUSTAINED_ATTENTION,
  SUSTAINED_MATRIX,
  TAIL_WAVES,
  THIRD_FLASH_ATTENTION,
  TILE_SECONDS,
} from '../profile/efficiency.ts';
import type { ProductPrecision } from './execution.ts';
import type { FlashGeneration } from './software.ts';

/** [rows, inner] × [inner, columns]. */
export interface MatrixShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/**
 * Bound by arithmetic or by the bytes moved. Tiles of the output are computed wave by wave: the last wave is half full on
 * average, and there is at least one. Which shapes happen to fill it is not modelled, since libraries choose among tiles
 * for that.
 */
export function productSeconds(device: Device, precision: ProductPrecision, shape: MatrixShape, bytes: number): number {
  const tileFlops = 2 * MATRIX_TILE ** 2 * shape.inner;
  const tileSeconds = TILE_SECONDS + (tileFlops * device.multiprocessors) / matrixRate(device, precision);
  const tiles = (shape.rows / MATRIX_TILE) * (shape.columns / MATRIX_TILE);
  return KERNEL_SECONDS + Math.max(waves(device, tiles) * tileSeconds, streamSeconds(device, bytes));
}

/** Blockwise attention; a multiprocessor works on one block of queries of one head at a time. */
export function attentionSeconds(
  device: Device,
  precision: Precision,
  { flops, blocks, bytes, generation }: AttentionWork,
): number {
  const busy = blocks / device.multiprocessors / waves(device, blocks);
  const rate = attentionRate(device, precision, generation) * busy;
  return KERNEL_SECONDS + Math.max(flops / rate, streamSeconds(device, bytes));
}

export interface AttentionWork {
  readonly flops: number;
  /** Blocks of queries of all heads and sequences. */
  readonly blocks: number;
  readonly bytes: number;
  readonly generation: FlashGeneration;
}

/** A kernel that does little but read and write. */
export function elementwiseSeconds(device: Device, bytes: number): number {
  return KERNEL_SECONDS + streamSeconds(device, bytes);
}

/** A kernel that adds or copies long arrays, parameters or gradients. */
export function arraySeconds(device: Device, bytes: number): number {
  return KERNEL_SECONDS + bytes / (device.memoryBytesPerSecond * STREAM_EFFICIENCY);
}

/** FLOP/s of large matrix products. */
export function matrixRate(device: Device, precision: ProductPrecision): number {
  if (precision === 'FP8') return matrixRate(device, 'BF16') * (device.powerBound ? FLOAT8_SPEEDUP : 1);
  const best = device.flopsPerSecond[precision] * (device.measuredMatrixEfficiency ?? MATRIX_EFFICIENCY);
  return best * (device.powerBound ? POWER_BOUND_MATRIX : SUSTAINED_MATRIX);
}

/** FLOP/s of both passes together. Kernels of the third generation are for devices from Hopper on, which are power-bound. */
function attentionRate(device: Device, precision: Precision, generation: FlashGeneration): number {
  const second = device.measuredAttentionEfficiency ?? ATTENTION_EFFICIENCY;
  const best = generation === 3 && device.powerBound ? THIRD_FLASH_ATTENTION : second;
  const share = generation === 1 ? FIRST_FLASH_ATTENTION : 1;
  return device.flopsPerSecond[precision] * best * share * SUSTAINED_ATTENTION;
}

function streamSeconds(device: Device, bytes: number): number {
  return bytes / (device.memoryBytesPerSecond * MEMORY_EFFICIENCY);
}

/** How often all multiprocessors together take up a tile. */
function waves({ multiprocessors }: Device, tiles: number): number {
  return Math.max(1, tiles / multiprocessors + TAIL_WAVES);
}
