/** What a layer's arithmetic is run with, and how long it takes. */
import type { TrafficOptions } from '../model/counts/memory-traffic.ts';
import type { Device, Precision } from '../profile/device.ts';
import type { FlashGeneration } from './software.ts';

/** FP8: operands scaled as a whole and multiplied at 8 bits, all else at 16. */
export type ProductPrecision = Precision | 'FP8';

/** Forward and backward pass. */
export interface PassSeconds {
  readonly forward: number;
  readonly backward: number;
}

export interface Execution extends TrafficOptions {
  readonly device: Device;
  readonly precision: Precision;
  /** Of products with weights. */
  readonly products: ProductPrecision;
  readonly flashGeneration: FlashGeneration;
}
