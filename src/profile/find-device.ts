import { UserError } from '../api/errors.ts';
import { ANNOTATION } from '../api/group.ts';
import { didYouMean } from '../api/suggest.ts';
import type { Device } from './device.ts';
import { DEVICES } from './devices.ts';

/** Words of product names that say how a device is mounted. */
const FORMS: ReadonlyMap<string, Device['form'] | 'other'> = new Map([
  ['sxm', 'SXM'],
  ['sxm2', 'SXM'],
  ['sxm3', 'SXM'],
  ['sxm4', 'SXM'],
  ['sxm5', 'SXM'],
  ['nvlink', 'SXM'],
  ['hbm3', 'SXM'],
  ['mega', 'SXM'],
  ['pcie', 'PCIe'],
  ['nvl', 'other'],
]);

/**
 * The catalogue entry for a product as node labels name it (`NVIDIA-A100-SXM4-80GB`, `Tesla-V100-SXM2-32GB`,
 * `nvidia-h100-mega-80gb`, `A100_NVLINK_80GB`, `a100`), or by its name in the catalogue.
 *
 * @param memoryBytes - Memory that the labels name, which tells apart what the product name does not; null where none does
 * @throws {UserError} where no entry fits
 */
export function findDevice(product: string, memoryBytes: number | null): Device {
  const words = product.toLowerCase().split(/[^a-z0-9]+/);
  const form = words.map((word) => FORMS.get(word)).find((known) => known !== undefined);
  const fitting = DEVICES.filter(
    (device) =>
      named(device, words) &&
      (form === undefined || device.form === null || device.form === form) &&
      !words.includes('mig'),
  );
  const wanted = memoryBytes ?? namedMemory(words);
  const [device] = wanted === null ? fitting : byMemory(fitting, wanted);
  if (device === undefined) {
    throw unknownDevice(product);
  }
  return device;
}

function named(device: Device, words: readonly string[]): boolean {
  return device.family.split(' ').every((word) => words.includes(word));
}

/** Gigabytes in a product name: `80gb`, `80g`. Bytes. */
function namedMemory(words: readonly string[]): number | null {
  const word = words.find((candidate) => /^\d+gi?b?$/.test(candidate));
  return word === undefined ? null : Number.parseInt(word, 10) * 2 ** 30;
}

function byMemory(devices: readonly Device[], memoryBytes: number): readonly Device[] {
  const distance = (device: Device): number => Math.abs(device.memoryBytes - memoryBytes);
  return devices.toSorted((a, b) => distance(a) - distance(b));
}

/** @param source - What bears the product, for people: "nodes a, b and 7 more". */
export function unknownDevice(product: string, source?: string): UserError {
  return new UserError({
    source,
    problem: `device ${product} is not in the catalogue`,
    remedy: `${knownDevices(product)}; an administrator can say in a node's annotation ${ANNOTATION.nodeOverride} which of them it is like`,
  });
}

/** What a device that is not known might have been meant to be: "did you mean A100-SXM-40GB? Known are …". */
export function knownDevices(product: string): string {
  const names = DEVICES.map(({ name }) => name);
  const known = `known are ${names.join(', ')}`;
  const suggestion = didYouMean(product, names);
  return suggestion === undefined ? known : `${suggestion} ${known}`;
}
