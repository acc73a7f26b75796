import type { Device } from '../profile/device.ts';
import { arraySeconds } from './kernels.ts';
import { optimizerTraffic } from './states.ts';
import type { Workload } from './workload.ts';

/** Seconds of one optimizer step on the parameters that a rank keeps: bound by memory. */
export function optimizerSeconds(device: Device, training: Workload['training'], parameters: number): number {
  return parameters === 0 ? 0 : arraySeconds(device, parameters * optimizerTraffic(training));
}
