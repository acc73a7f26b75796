/** What a layer's arithmetic is run with, and how long it takes. */
import type { TrafficOptions } from '../model/counts/memory-traffic.ts';
import type { Device, Precision } from '../profile/device.ts';
import type { FlashGeneration } from './software.ts';

/** Forward and backward pass. */
export interface PassSeconds {
  readonly forward: number;
  readonly backward: number;
}

export interface Execution extends TrafficOptions {
  readonly device: Device;
  readonly precision: Precision;
  readonly flashGeneration: FlashGeneration;
}
