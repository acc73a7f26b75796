import { UserError } from '../api/errors.ts';
import type { DeviceFilter } from '../cluster/candidate.ts';
import type { Device } from '../profile/device.ts';
import { findDevice, knownDevices } from '../profile/find-device.ts';

/**
 * Which products are the device that a job or a plan asks for, by the catalogue's name or as node labels name it.
 *
 * @param field - Where it was asked for: "spec.resources.device".
 * @throws {UserError} where the catalogue does not know it, so that no node of it could be planned for
 */
export function deviceFilter(name: string, field: string): DeviceFilter {
  const wanted = deviceNamed(name, null);
  if (wanted === null) {
    throw new UserError({ field, problem: `device ${name} is not in the catalogue`, remedy: knownDevices(name) });
  }
  const namesMemory = /\d+gb/i.test(name);
  return {
    name,
    matches: (product, memoryBytes) => {
      const device = deviceNamed(product, memoryBytes);
      // `A100-SXM` alone stands for either size: what it is then follows from the memory of the node.
      const alike = namesMemory ? wanted : deviceNamed(name, memoryBytes);
      return device !== null && device === alike;
    },
  };
}

/** {@link findDevice}, with null where the catalogue does not know the device. */
export function deviceNamed(product: string, memoryBytes: number | null): Device | null {
  try {
    return findDevice(product, memoryBytes);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
