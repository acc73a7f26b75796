import test from 'ava';
import { someHardware } from './builders.ts';

test('a node without a word on its links has those of the device', (t) => {
  t.is(someHardware(1, 8).tiers[0]?.link.name, 'NVLink-3');
  t.is(someHardware(1, 8, { product: 'NVIDIA-L4' }).tiers[0]?.link.name, 'PCIe-4');
});

test('a node that says PCIe has no NVLink', (t) => {
  t.is(someHardware(1, 8, { interconnect: 'pcie' }).tiers[0]?.link.name, 'PCIe-4');
  t.is(someHardware(1, 8, { product: 'Tesla-V100-SXM2-16GB', interconnect: 'pcie' }).tiers[0]?.link.name, 'PCIe-3');
});

test('memory is what labels say, else what the catalogue says', (t) => {
  t.is(someHardware(1, 8, { memoryBytes: 1e10 }).memoryBytes, 1e10);
  t.is(someHardware(1, 8).memoryBytes, 81920 * 2 ** 20);
});

test('the GPUs of a node share its network', (t) => {
  t.is(someHardware(2, 8).tiers[1]?.link.bytesPerSecond, 25e9);
  t.is(someHardware(2, 4, { fabric: null }).tiers[1]?.link.bytesPerSecond, 1.25e9 / 4);
  t.is(
    someHardware(2, 8, { fabric: { kind: 'infiniband', bytesPerSecond: null } }).tiers[1]?.link.bytesPerSecond,
    25e9 / 8,
  );
});

test('a job on a part of each node has the ports of its GPUs, or all of the one port of plain Ethernet', (t) => {
  t.is(someHardware(2, 4, { nodeGpus: 8 }).tiers[1]?.link.bytesPerSecond, 25e9);
  t.is(someHardware(2, 4, { nodeGpus: 8, fabric: null }).tiers[1]?.link.bytesPerSecond, 1.25e9 / 4);
});

test('an NVLink domain beyond the node has the link of the node', (t) => {
  const tiers = [
    { kind: 'node', gpus: 4, name: 'node' },
    { kind: 'nvlink-domain', gpus: 72, name: 'NVLink domain' },
    { kind: 'network', gpus: 144, name: 'network' },
  ] as const;
  const hardware = someHardware(36, 4, { product: 'NVIDIA-GB200', tiers });
  t.deepEqual(
    hardware.tiers.map(({ link }) => link.name),
    ['NVLink-5', 'NVLink-5', 'InfiniBand'],
  );
});
