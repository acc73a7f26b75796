import test from 'ava';
import { accumulationSeconds } from '../../src/cost/gradient-accumulation.ts';
import { PLANNED_SOFTWARE } from '../../src/cost/software.ts';
import { someHardware } from './builders.ts';

const { device } = someHardware(1, 8);
const WHOLE = { shards: 8, zeroStage: 1 } as const;
const SPLIT = { shards: 8, zeroStage: 2 } as const;
const LAYER = { parameters: 1e9, microBatches: 4, computedBytes: 2 };

/** Bytes that take as long at 88% of the A100's bandwidth, but for the start of the kernel. */
function bytes(seconds: number): number {
  return Math.round((seconds * 0.88 * 2039e9) / 1e8) / 10;
}

test('reads what was computed at 16 bits, and reads and writes the sum at 32: 10 bytes a parameter', (t) => {
  t.is(bytes(accumulationSeconds(device, LAYER, WHOLE, PLANNED_SOFTWARE)), 10);
  t.is(bytes(accumulationSeconds(device, LAYER, WHOLE, { ...PLANNED_SOFTWARE, gradientBytes: 2 })), 6);
});

test('where ranks split gradients, converts the whole and adds a part', (t) => {
  t.is(bytes(accumulationSeconds(device, LAYER, SPLIT, PLANNED_SOFTWARE)), 2 + 4 + 12 / 8);
  t.is(bytes(accumulationSeconds(device, LAYER, SPLIT, { ...PLANNED_SOFTWARE, gradientBytes: 2 })), 0.8);
});

test('nothing where products add, where nothing is to be added, and where there is no parameter', (t) => {
  t.is(accumulationSeconds(device, LAYER, WHOLE, { ...PLANNED_SOFTWARE, addsGradientsInProducts: true }), 0);
  const once = { ...LAYER, microBatches: 1 };
  t.is(accumulationSeconds(device, once, WHOLE, { ...PLANNED_SOFTWARE, gradientBytes: 2 }), 0);
  t.is(accumulationSeconds(device, { ...LAYER, parameters: 0 }, WHOLE, PLANNED_SOFTWARE), 0);
});
