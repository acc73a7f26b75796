import test from 'ava';
import type { Device } from '../../src/profile/device.ts';
import { DEVICES } from '../../src/profile/devices.ts';
import { NODE_LINKS } from '../../src/profile/links.ts';

test('names are unique', (t) => {
  t.is(new Set(DEVICES.map(({ name }) => name)).size, DEVICES.length);
});

/** One core of a CPU, for ranks that train on CPUs. */
const isCore = ({ multiprocessors }: Device) => multiprocessors === 1;

for (const device of DEVICES.filter((each) => !isCore(each))) {
  test(`${device.name}: figures are of the right order`, (t) => {
    const { flopsPerSecond, memoryBytes, memoryBytesPerSecond, multiprocessors } = device;
    t.true(memoryBytes > 10 * 2 ** 30 && memoryBytes < 300 * 2 ** 30);
    t.true(memoryBytesPerSecond > 2e11 && memoryBytesPerSecond < 1e13);
    t.true(multiprocessors >= 30 && multiprocessors <= 304);
    for (const rate of Object.values(flopsPerSecond)) {
      t.true(rate > 1e13 && rate < 3e15);
    }
    t.true(flopsPerSecond.FP16 >= flopsPerSecond.FP32);
    t.true(flopsPerSecond.BF16 <= flopsPerSecond.FP16);
  });
}

for (const { name, flopsPerSecond, memoryBytes, memoryBytesPerSecond } of DEVICES.filter(isCore)) {
  test(`${name}: figures are of a core's order`, (t) => {
    t.true(memoryBytes > 2 ** 30 && memoryBytes < 2 ** 40);
    t.true(memoryBytesPerSecond > 1e9 && memoryBytesPerSecond < 1e11);
    for (const rate of Object.values(flopsPerSecond)) t.true(rate > 1e10 && rate < 1e12);
  });
}

test('devices without units for BF16 compute at 32 bits', (t) => {
  const slow = DEVICES.filter(({ flopsPerSecond }) => flopsPerSecond.BF16 < 2 * flopsPerSecond.FP32);
  t.deepEqual(
    slow.map(({ family }) => family).filter((family, index, all) => all.indexOf(family) === index),
    ['titan xp', 'v100', 'epyc 7763 core'],
  );
});

test('PCIe rates are those of 16 lanes', (t) => {
  t.is(Math.round(NODE_LINKS['PCIe-3'].bytesPerSecond / 1e7), 1575);
  t.is(NODE_LINKS['PCIe-5'].bytesPerSecond, 4 * NODE_LINKS['PCIe-3'].bytesPerSecond);
});
