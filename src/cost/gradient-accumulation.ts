/** Seconds that a rank takes after each micro-batch's backward pass to add a layer's gradients to those of the ones before. */
import type { Device } from '../profile/device.ts';
import { arraySeconds } from './kernels.ts';
import type { Software } from './software.ts';
import { gradientShards } from './states.ts';
import type { Strategy } from './workload.ts';

export interface Accumulated {
  /** That the layer computes gradients of, on one rank before sharding. */
  readonly parameters: number;
  readonly microBatches: number;
  /** Of a gradient as a product puts it out. */
  readonly computedBytes: number;
}

/**
 * A kernel of its own reads what was computed, and reads and writes the sum; where ranks split gradients, each first converts the
 * whole one to the precision in which they are summed, and adds its part.
 */
export function accumulationSeconds(
  device: Device,
  { parameters, microBatches, computedBytes }: Accumulated,
  strategy: Pick<Strategy, 'shards' | 'zeroStage'>,
  { gradientBytes, addsGradientsInProducts }: Software,
): number {
  const converts = gradientBytes !== computedBytes;
  const parts = gradientShards(strategy);
  if (parameters === 0 || addsGradientsInProducts || (microBatches === 1 && !converts)) {
    return 0;
  }
  const converted = parts > 1 && converts ? computedBytes + gradientBytes : 0;
  const added = parts > 1 ? (3 * gradientBytes) / parts : computedBytes + 2 * gradientBytes;
  return arraySeconds(device, parameters * (converted + added));
}
