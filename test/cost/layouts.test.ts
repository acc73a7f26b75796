import test from 'ava';
import fc from 'fast-check';
import { boundarySeconds, reshardingSeconds, type Activation, type Layout } from '../../src/cost/layouts.ts';
import { someHardware } from './builders.ts';

const hardware = someHardware(2, 8);

const ACTIVATION: Activation = { bytes: 8e9, gpusPerStage: 8, shared: 'tokens' };
const SEQUENCES: Activation = { ...ACTIVATION, shared: 'sequence' };

function layout(tensor: number, sequenceParallel = false): Layout {
  return { tensor, sequenceParallel: sequenceParallel && tensor > 1 };
}

test('one layout costs nothing to keep', (t) => {
  t.is(reshardingSeconds(hardware, ACTIVATION, layout(4), layout(4)), 0);
});

test('where the degree grows from 2 to 8, three others send their part of the samples; back it is a slice', (t) => {
  const seconds = reshardingSeconds(hardware, ACTIVATION, layout(2), layout(8));
  // Each rank held 2/8 of the samples: 2 GB. Forward only: the gradient's way back is a slice.
  t.is(seconds.toFixed(8), (8.4e-6 + 6e-6 + (3 * 2e9) / (0.72 * 300e9)).toFixed(8));
});

test('ranks that share tokens hold the same at any degree', (t) => {
  t.is(reshardingSeconds(hardware, ACTIVATION, layout(2, true), layout(8, true)), 0);
  t.is(reshardingSeconds(hardware, ACTIVATION, layout(1), layout(8, true)), 0);
  t.is(
    reshardingSeconds(hardware, ACTIVATION, layout(2, true), layout(8)),
    reshardingSeconds(hardware, ACTIVATION, layout(1), layout(8)),
  );
});

test('ranks that share sequences only exchange what differs, both ways', (t) => {
  const seconds = reshardingSeconds(hardware, SEQUENCES, layout(2, true), layout(8, true));
  t.is(seconds.toFixed(8), (2 * (8.4e-6 + 6e-6 + (0.75 * 1e9) / (0.72 * 300e9))).toFixed(8));
});

test('out of sequence parallelism ranks gather the slices of seven others, and into it they keep theirs', (t) => {
  const gathered = (8.4e-6 + 6e-6 + (7 * 1e9) / (0.72 * 300e9)).toFixed(8);
  for (const activation of [ACTIVATION, SEQUENCES]) {
    t.is(reshardingSeconds(hardware, activation, layout(8, true), layout(8)).toFixed(8), gathered);
    t.is(reshardingSeconds(hardware, activation, layout(8), layout(8, true)).toFixed(8), gathered);
    t.is(reshardingSeconds(hardware, activation, layout(8, true), layout(8, true)), 0);
  }
});

test('a boundary between layers of tensor degree 1 sends 1/S of the activation each way', (t) => {
  const seconds = boundarySeconds(hardware, ACTIVATION, layout(1), layout(1));
  t.is(seconds.toFixed(8), (2 * (8.4e-6 + 14e-6 + 1e9 / (0.92 * 25e9))).toFixed(8));
});

test('under sequence parallelism what is sent is what there is, and else it is gathered on both sides', (t) => {
  const sent = boundarySeconds(hardware, ACTIVATION, layout(1), layout(1));
  for (const activation of [ACTIVATION, SEQUENCES]) {
    t.is(boundarySeconds(hardware, activation, layout(4, true), layout(4, true)), sent);
    const gathered = reshardingSeconds(hardware, activation, layout(1), layout(4));
    t.is(boundarySeconds(hardware, activation, layout(4), layout(4)), sent + 2 * gathered);
  }
  t.is(boundarySeconds(hardware, ACTIVATION, layout(2, true), layout(8, true)), sent);
  t.true(boundarySeconds(hardware, SEQUENCES, layout(2, true), layout(8, true)) > sent);
});

const degrees = fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 16);
const activations: fc.Arbitrary<Activation> = fc.record({
  bytes: fc.double({ min: 1, max: 1e11, noNaN: true }),
  gpusPerStage: fc.constant(16),
  shared: fc.constantFrom('tokens', 'sequence'),
});
const products = fc.constantFrom('NVIDIA-A100-SXM4-80GB', 'NVIDIA-L4', 'AMD_Instinct_MI300X_OAM');

test('resharding is symmetric: forward one way is backward the other', (t) => {
  fc.assert(
    fc.property(activations, degrees, degrees, fc.boolean(), (activation, one, other, sequence) => {
      const [a, b] = [layout(one, sequence), layout(other, sequence)];
      const there = reshardingSeconds(hardware, activation, a, b);
      return Math.abs(there - reshardingSeconds(hardware, activation, b, a)) <= 1e-12 * there;
    }),
  );
  t.pass();
});

test('no detour over a third layout is quicker, among powers of two', (t) => {
  const powers = fc.constantFrom(1, 2, 4, 8, 16);
  fc.assert(
    fc.property(
      fc.tuple(products, activations, fc.boolean()),
      fc.tuple(powers, powers, powers),
      ([product, activation, sequence], [a, b, c]) => {
        const machine = someHardware(2, 8, { product });
        const seconds = (from: number, to: number): number =>
          reshardingSeconds(machine, activation, layout(from, sequence), layout(to, sequence));
        return seconds(a, c) <= (seconds(a, b) + seconds(b, c)) * (1 + 1e-12);
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});
