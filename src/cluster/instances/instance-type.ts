import { type Reading, reading } from '../reading.ts';
import type { FabricKind } from '../topology.ts';
import { GIGABIT_PER_SECOND, MEBIBYTE } from '../units.ts';
import type { Device } from './devices.ts';

/** What a cloud sells under one name. */
export interface InstanceType {
  readonly device: Device;
  readonly fabric: FabricKind;
  /** Network bandwidth that the GPUs of the instance share; Gbit/s. */
  readonly gigabitsPerSecond: number;
}

export function instanceType(device: Device, fabric: FabricKind, gigabitsPerSecond: number): InstanceType {
  return { device, fabric, gigabitsPerSecond };
}

export function deviceReading(device: Device | undefined): Reading {
  return reading({
    product: device?.product,
    memoryBytes: device === undefined ? undefined : device.memoryMebibytes * MEBIBYTE,
    interconnect: device?.interconnect,
  });
}

export function instanceReading(type: InstanceType | undefined): Reading {
  if (type === undefined) {
    return {};
  }
  return {
    ...deviceReading(type.device),
    fabricKind: type.fabric,
    fabricBytesPerSecond: type.gigabitsPerSecond * GIGABIT_PER_SECOND,
  };
}
