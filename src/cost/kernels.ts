/** Seconds that single kernels take on a device. */
import type { Device, Precision } from '../profile/device.ts';
import {
  ATTENTION_EFFICIENCY,
  KERNEL_SECONDS,
  MATRIX_EFFICIENCY,
  MATRIX_TILE,
  MEMORY_EFFICIENCY,
  SUSTAINED_ATTENTION,
  SUSTAINED_MATRIX,
  TILE_SECONDS,
} from '../profile/efficiency.ts';

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
export function productSeconds(device: Device, precision: Precision, shape: MatrixShape, bytes: number): number {
  const tileFlops = 2 * MATRIX_TILE ** 2 * shape.inner;
  const tileSeconds = TILE_SECONDS + (tileFlops * device.multiprocessors) / matrixRate(device, precision);
  const tiles = (shape.rows / MATRIX_TILE) * (shape.columns / MATRIX_TILE);
  return KERNEL_SECONDS + Math.max(waves(device, tiles) * tileSeconds, streamSeconds(device, bytes));
}

/** Blockwise attention; a multiprocessor works on one block of queries of one head at a time. */
export function attentionSeconds(
  device: Device,
  precision: Precision,
  { flops, blocks, bytes }: { readonly flops: number; readonly blocks: number; readonly bytes: number },
): number {
  const busy = blocks / device.multiprocessors / waves(device, blocks);
  return KERNEL_SECONDS + Math.max(flops / (attentionRate(device, precision) * busy), streamSeconds(device, bytes));
}

/** A kernel that does little but read and write. */
export function elementwiseSeconds(device: Device, bytes: number): number {
  return KERNEL_SECONDS + streamSeconds(device, bytes);
}

/** FLOP/s of large matrix products. */
export function matrixRate(device: Device, precision: Precision): number {
  return device.flopsPerSecond[precision] * (device.measuredMatrixEfficiency ?? MATRIX_EFFICIENCY) * SUSTAINED_MATRIX;
}

function attentionRate(device: Device, precision: Precision): number {
  const efficiency = device.measuredAttentionEfficiency ?? ATTENTION_EFFICIENCY;
  return device.flopsPerSecond[precision] * efficiency * SUSTAINED_ATTENTION;
}

function streamSeconds(device: Device, bytes: number): number {
  return bytes / (device.memoryBytesPerSecond * MEMORY_EFFICIENCY);
}

/** How often all multiprocessors together take up a tile. */
function waves({ multiprocessors }: Device, tiles: number): number {
  return Math.max(1, tiles / multiprocessors + 0.5);
}
