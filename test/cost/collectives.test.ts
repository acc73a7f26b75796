import test from 'ava';
import fc from 'fast-check';
import { collectiveSeconds, exchangeSeconds, transferSeconds, turnsSeconds } from '../../src/cost/collectives.ts';
import { someHardware } from './builders.ts';

const MEBIBYTE = 2 ** 20;

test('an all-gather in a node: start-up, hops and (n − 1)/n of the bytes at 72% of 300 GB/s', (t) => {
  const seconds = collectiveSeconds(someHardware(1, 8), { stride: 1, size: 8 }, { kind: 'all-gather', bytes: 800e6 });
  t.is(seconds.toFixed(9), (8.4e-6 + 7 * 6e-6 + (7 / 8) * (800e6 / (0.72 * 300e9))).toFixed(9));
});

test('a reduce-scatter costs as an all-gather, an all-reduce twice its bytes', (t) => {
  const hardware = someHardware(1, 8);
  const seconds = (kind: 'all-reduce' | 'all-gather' | 'reduce-scatter'): number =>
    collectiveSeconds(hardware, { stride: 1, size: 8 }, { kind, bytes: 1e9 });
  t.is(seconds('reduce-scatter'), seconds('all-gather'));
  t.true(Math.abs(seconds('all-reduce') / seconds('all-gather') - 2) < 0.01);
});

test('across nodes the ports of a node carry as many rings as the group has members there', (t) => {
  const hardware = someHardware(4, 8);
  const whole = collectiveSeconds(hardware, { stride: 1, size: 32 }, { kind: 'all-gather', bytes: 32e9 });
  const oneOfEach = collectiveSeconds(hardware, { stride: 8, size: 4 }, { kind: 'all-gather', bytes: 32e9 });
  // 31/32 of the bytes over 8 shares of 25 GB/s at 92%, and 3/4 of them over one.
  t.true(Math.abs(whole / ((31 / 32) * (32e9 / (8 * 25e9 * 0.92))) - 1) < 0.01);
  t.true(Math.abs(oneOfEach / ((3 / 4) * (32e9 / (25e9 * 0.92))) - 1) < 0.01);
});

/**
 * nccl-tests, all-reduce in one node, out of place. H100: NVIDIA/dgxc-benchmarking (Apache-2.0). A100: Stas Bekman, "Machine
 * Learning Engineering" (figures).
 */
const MEASURED: readonly (readonly [product: string, mebibytes: number, microseconds: number])[] = [
  ['NVIDIA-H100-80GB-HBM3', 4, 54.19],
  ['NVIDIA-H100-80GB-HBM3', 16, 123.8],
  ['NVIDIA-H100-80GB-HBM3', 64, 324.7],
  ['NVIDIA-H100-80GB-HBM3', 256, 1112.5],
  ['NVIDIA-H100-80GB-HBM3', 1024, 4029.4],
  ['NVIDIA-A100-SXM4-80GB', 4, 101.5],
  ['NVIDIA-A100-SXM4-80GB', 64, 684.6],
  ['NVIDIA-A100-SXM4-80GB', 256, 2420.6],
  ['NVIDIA-A100-SXM4-80GB', 1024, 8203.9],
];

for (const [product, mebibytes, microseconds] of MEASURED) {
  test(`all-reduce of ${mebibytes} MiB on eight ${product} within 25% of what was measured`, (t) => {
    const hardware = someHardware(1, 8, { product });
    const seconds = collectiveSeconds(
      hardware,
      { stride: 1, size: 8 },
      { kind: 'all-reduce', bytes: mebibytes * MEBIBYTE },
    );
    const error = seconds / (microseconds * 1e-6) - 1;
    t.true(Math.abs(error) < 0.25, `${(100 * error).toFixed(0)}%`);
  });
}

test('MI300X groups use the links among their members', (t) => {
  const hardware = someHardware(1, 8, { product: 'AMD_Instinct_MI300X_OAM' });
  const bus = (size: number): number => {
    const seconds = collectiveSeconds(hardware, { stride: 1, size }, { kind: 'all-reduce', bytes: 4 * 2 ** 30 });
    return (2 * ((size - 1) / size) * 4 * 2 ** 30) / seconds / 1e9;
  };
  // Measured: 47.7 GB/s bus bandwidth of two, 312.9 of eight ("Machine Learning Engineering").
  t.true(Math.abs(bus(2) / 47.7 - 1) < 0.1);
  t.true(Math.abs(bus(8) / 312.9 - 1) < 0.15);
});

const groups = fc.constantFrom(
  { stride: 1, size: 8 },
  { stride: 1, size: 32 },
  { stride: 8, size: 4 },
  { stride: 2, size: 16 },
);
const kinds = fc.constantFrom('all-reduce' as const, 'all-gather' as const, 'reduce-scatter' as const);
const sizes = fc.double({ min: 1, max: 1e11, noNaN: true });

test('more bytes never take less time', (t) => {
  fc.assert(
    fc.property(groups, kinds, sizes, sizes, (group, kind, one, other) => {
      const hardware = someHardware(4, 8);
      const seconds = (bytes: number): number => collectiveSeconds(hardware, group, { kind, bytes });
      return seconds(Math.min(one, other)) <= seconds(Math.max(one, other));
    }),
  );
  t.pass();
});

test('a faster network never takes more time', (t) => {
  fc.assert(
    fc.property(groups, kinds, sizes, fc.double({ min: 1, max: 100, noNaN: true }), (group, kind, bytes, factor) => {
      const seconds = (rate: number): number =>
        collectiveSeconds(someHardware(4, 8, { fabric: { kind: 'infiniband', bytesPerSecond: rate } }), group, {
          kind,
          bytes,
        });
      return seconds(factor * 25e9) <= seconds(25e9);
    }),
  );
  t.pass();
});

test('by turns each rank starts anew, when the one before has come half way round on average', (t) => {
  const hardware = someHardware(4, 8);
  // Seven hops inside each of four nodes at 6 µs, three between at 14 µs.
  t.true(
    Math.abs(turnsSeconds(hardware, { stride: 1, size: 32 }) - 32 * (8.4e-6 + (28 * 6e-6 + 3 * 14e-6) / 2)) < 1e-9,
  );
});

test('a group of one exchanges nothing', (t) => {
  const hardware = someHardware(1, 8);
  t.is(collectiveSeconds(hardware, { stride: 1, size: 1 }, { kind: 'all-reduce', bytes: 1e9 }), 0);
  t.is(exchangeSeconds(hardware, { stride: 1, size: 1 }, 1e9), 0);
});

test('stages share one Ethernet port only as far as they use it', (t) => {
  const hardware = someHardware(2, 4, {
    product: 'NVIDIA-TITAN-Xp',
    fabric: { kind: 'ethernet', bytesPerSecond: 1.25e9 },
  });
  // 1 GB from each of four ranks takes as long as 4 GB from one: the port is the same.
  const four = transferSeconds(hardware, 4, 1e9);
  t.true(Math.abs(four / transferSeconds(hardware, 1, 4e9) - 1) < 1e-3);
  t.true(Math.abs(four / (4e9 / (0.92 * 1.25e9)) - 1) < 1e-3);
});
