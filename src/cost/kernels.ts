/** Seconds that single kernels take on a device. */
import type { Device, Precision } from '../profile/device.ts';
import {
  ATTENTION_EFFICIENCY,
  KERNEL_SECONDS,
  MATRIX_EFFICIENCY,
  MATRIX_TILE,
  MEMORY_EFFICIENCY,
} from '../profile/efficiency.ts';

/** [rows, inner] × [inner, columns]. */
export interface MatrixShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Bound by arithmetic, of which less is reached where few tiles leave multiprocessors idle, or by the bytes moved. */
export function productSeconds(device: Device, precision: Precision, shape: MatrixShape, bytes: number): number {
  const flops = 2 * shape.rows * shape.inner * shape.columns;
  const tiles = (shape.rows / MATRIX_TILE) * (shape.columns / MATRIX_TILE);
  const arithmetic = flops / (matrixRate(device, precision) * occupancy(device, tiles));
  return KERNEL_SECONDS + Math.max(arithmetic, streamSeconds(device, bytes));
}

/** Blockwise attention; a multiprocessor works on one block of queries of one head at a time. */
export function attentionSeconds(
  device: Device,
  precision: Precision,
  { flops, blocks, bytes }: { readonly flops: number; readonly blocks: number; readonly bytes: number },
): number {
  const rate = matrixRate(device, precision) * ATTENTION_EFFICIENCY * occupancy(device, blocks);
  return KERNEL_SECONDS + Math.max(flops / rate, streamSeconds(device, bytes));
}

/** A kernel that does little but read and write. */
export function elementwiseSeconds(device: Device, bytes: number): number {
  return KERNEL_SECONDS + streamSeconds(device, bytes);
}

function streamSeconds(device: Device, bytes: number): number {
  return bytes / (device.memoryBytesPerSecond * MEMORY_EFFICIENCY);
}

/** FLOP/s of a matrix product whose tiles keep all multiprocessors busy. */
export function matrixRate(device: Device, precision: Precision): number {
  return device.flopsPerSecond[precision] * (device.measuredMatrixEfficiency ?? MATRIX_EFFICIENCY);
}

/**
 * Share of multiprocessors at work while tiles are computed wave by wave: the last wave is half full on average, and there
 * is at least one. Which shapes happen to fill it is not modelled, since libraries choose among tiles for that.
 */
function occupancy({ multiprocessors }: Device, tiles: number): number {
  const waves = tiles / multiprocessors;
  return waves / Math.max(1, waves + 0.5);
}
