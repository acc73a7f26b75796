import test from 'ava';
import fc from 'fast-check';
import { combined, type Corrections, NO_CORRECTIONS } from '../../src/cost/corrections.ts';
import { priceOf } from '../../src/cost/price.ts';
import type { Strategy, Workload } from '../../src/cost/workload.ts';
import { aStrategy, aWorkload } from './builders.ts';

const CANDIDATE = { stages: 2, microBatches: 8, virtualStages: 1 };

function priceWith(corrections: Partial<Corrections>, strategy: Partial<Strategy> = { replicas: 4 }) {
  const plain = aWorkload();
  const hardware = { ...plain.hardware, corrections: { ...NO_CORRECTIONS, ...corrections } };
  const workload: Workload = { ...plain, hardware };
  const half = plain.model.layers.length / 2;
  return priceOf(workload, CANDIDATE, {
    placement: plain.model.layers.map((_, index) => (index < half ? 0 : 1)),
    strategies: plain.model.layers.map(() => aStrategy(strategy)),
  });
}

const plain = priceWith({});

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.abs(b);
}

test('memory counts for as much more in every stage', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (memory) => {
      const price = priceWith({ memory });
      t.true(close(price.memoryBytes, memory * plain.memoryBytes));
      t.is(price.stepSeconds, plain.stepSeconds);
      t.is(price.usableBytes, plain.usableBytes);
    }),
  );
});

test("a rank's own work takes as much longer", (t) => {
  const { time } = priceWith({ computation: 1.5 });
  t.true(close(time.computation, 1.5 * plain.time.computation));
  t.true(close(time.optimizer, 1.5 * plain.time.optimizer));
  t.is(time.transfer, plain.time.transfer);
});

test('exchanges take as much longer', (t) => {
  const split = { tensor: 2, sequenceParallel: false, replicas: 2 };
  const { time: before } = priceWith({}, split);
  const { time: after } = priceWith({ communication: 3 }, split);
  t.true(close(after.tensor, 3 * before.tensor));
  t.true(close(after.transfer, 3 * before.transfer));
  t.is(after.computation, before.computation);
});

test('corrections of seconds multiply, of memory the larger holds', (t) => {
  const half = { computation: 0.5, communication: 2, memory: 3 };
  const other = { computation: 3, communication: 2, memory: 1.5 };
  t.deepEqual(combined(half, other), { computation: 1.5, communication: 4, memory: 3 });
  t.deepEqual(combined(half, NO_CORRECTIONS), half);
});
