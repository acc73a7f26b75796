import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Device } from '../profile/device.ts';

type Precision = TrainingJobSpec['training']['precision'];

/**
 * Says that a device has no units for a 16-bit precision, so that the work runs at its 32-bit rate, and whether the other
 * 16-bit precision would run faster. Undefined where there is nothing to say.
 */
export function precisionNote({ name, flopsPerSecond }: Device, precision: Precision): string | undefined {
  if (precision === 'FP32' || flopsPerSecond[precision] > flopsPerSecond.FP32) return undefined;
  const other = precision === 'BF16' ? 'FP16' : 'BF16';
  const speedUp = flopsPerSecond[other] / flopsPerSecond[precision];
  const advice = speedUp > 1 ? `; ${other} has ${Math.round(speedUp)} times the peak rate` : '';
  return `${name} computes ${precision} at its FP32 rate${advice}`;
}
