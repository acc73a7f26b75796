import test from 'ava';
import { DEVICES } from '../../src/profile/devices.ts';
import { NODE_LINKS } from '../../src/profile/links.ts';

test('names are unique', (t) => {
  t.is(new Set(DEVICES.map(({ name }) => name)).size, DEVICES.length);
});

for (const device of DEVICES) {
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

test('devices without units for BF16 compute at 32 bits', (t) => {
  const slow = DEVICES.filter(({ flopsPerSecond }) => flopsPerSecond.BF16 < 2 * flopsPerSecond.FP32);
  t.deepEqual(
    slow.map(({ family }) => family).filter((family, index, all) => all.indexOf(family) === index),
    ['titan xp', 'v100'],
  );
});

test('PCIe rates are those of 16 lanes', (t) => {
  t.is(Math.round(NODE_LINKS['PCIe-3'].bytesPerSecond / 1e7), 1575);
  t.is(NODE_LINKS['PCIe-5'].bytesPerSecond, 4 * NODE_LINKS['PCIe-3'].bytesPerSecond);
});
