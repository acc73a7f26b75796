import test from 'ava';
import { optimizerSeconds } from '../../src/cost/optimizer.ts';
import { optimizerTraffic, stateBytes } from '../../src/cost/states.ts';
import { DEVICES } from '../../src/profile/devices.ts';

/** Bytes for each parameter: parameters and optimizer states, gradients. */
const STATES = [
  { precision: 'BF16', optimizer: 'AdamW', shards: 1, zeroStage: 3, states: 2 + 4 + 8, gradients: 4 },
  { precision: 'FP16', optimizer: 'Adam', shards: 1, zeroStage: 3, states: 2 + 4 + 8, gradients: 4 },
  { precision: 'BF16', optimizer: 'SGD', shards: 1, zeroStage: 3, states: 2 + 4, gradients: 4 },
  { precision: 'FP32', optimizer: 'AdamW', shards: 1, zeroStage: 3, states: 4 + 8, gradients: 4 },
  { precision: 'FP32', optimizer: 'Momentum', shards: 1, zeroStage: 3, states: 4 + 4, gradients: 4 },
  // Sharded: all of it, and no copy at 16 bits that stays.
  { precision: 'BF16', optimizer: 'AdamW', shards: 8, zeroStage: 3, states: (4 + 8) / 8, gradients: 4 / 8 },
  { precision: 'BF16', optimizer: 'AdamW', shards: 8, zeroStage: 2, states: 2 + (4 + 8) / 8, gradients: 4 / 8 },
  // 18 bytes become 6 + 12 / 8 (Megatron-LM's guide to its distributed optimizer).
  { precision: 'BF16', optimizer: 'AdamW', shards: 8, zeroStage: 1, states: 2 + (4 + 8) / 8, gradients: 4 },
  // At 32 bits the parameters of the optimizer are those of computation.
  { precision: 'FP32', optimizer: 'AdamW', shards: 8, zeroStage: 3, states: (4 + 8) / 8, gradients: 4 / 8 },
  { precision: 'FP32', optimizer: 'AdamW', shards: 8, zeroStage: 2, states: 4 + 8 / 8, gradients: 4 / 8 },
  { precision: 'FP32', optimizer: 'AdamW', shards: 8, zeroStage: 1, states: 4 + 8 / 8, gradients: 4 },
] as const;

for (const { precision, optimizer, shards, zeroStage, ...bytes } of STATES) {
  test(`${precision}, ${optimizer}, ${shards} shards, ZeRO-${zeroStage}`, (t) => {
    const training = { precision, optimizer, globalBatchSize: 1 };
    t.deepEqual(stateBytes(training, 1000, { shards, zeroStage, gradientBytes: 4 }), {
      states: 1000 * bytes.states,
      gradients: 1000 * bytes.gradients,
    });
  });
}

test('an AdamW step on a billion parameters of an A100 takes the time to move 38 GB', (t) => {
  const training = { precision: 'BF16', optimizer: 'AdamW', globalBatchSize: 1 } as const;
  // Gradient for the norm, again, and set to zero; parameter and two states in and out; the copy at 16 bits.
  t.is(optimizerTraffic(training), 3 * 4 + 2 * 4 + 2 * 8 + 2);
  const device = DEVICES.find(({ name }) => name === 'A100-SXM-80GB');
  const seconds = device === undefined ? 0 : optimizerSeconds(device, training, 1e9);
  t.true(Math.abs(seconds / (38e9 / (0.88 * 2039e9)) - 1) < 0.01);
});
