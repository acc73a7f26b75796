/** Our counts against those of PyTorch (`reference/count.py`), for a model of every family, layer by layer. */
import test, { type ExecutionContext } from 'ava';
import { buildModel } from '../../src/model/build-model.ts';
import { backwardFlops, forwardFlops } from '../../src/model/counts/flops.ts';
import { memoryTraffic } from '../../src/model/counts/memory-traffic.ts';
import { parameters } from '../../src/model/counts/parameters.ts';
import { savedActivationBytes } from '../../src/model/counts/saved-activations.ts';
import { REFERENCES } from './reference/references.ts';

const BFLOAT16 = 2;
const EAGER = { tensorDegree: 1, sequenceParallel: false, bytesPerElement: BFLOAT16, kernels: 'eager' } as const;

/** T5's first blocks own the tables of position biases, which we count with the embeddings: 32 buckets for 16 heads. */
const T5_BIAS_TABLE = 32 * 16;
const MOVED_PARAMETERS: Readonly<Record<string, number>> = {
  'embedding.t5-large': T5_BIAS_TABLE,
  'encoder-block.0.t5-large': -T5_BIAS_TABLE,
  'decoder-embedding.t5-large': T5_BIAS_TABLE,
  'decoder-block.0.t5-large': -T5_BIAS_TABLE,
};

/**
 * What T5's first blocks keep for all samples and blocks, and so is none of a sample's: positions as 64-bit indices and the
 * zeros that cross attention adds. And the encoder's output, which we count where it is made.
 */
const T5_INDICES = 512 * 512 * 8;
const T5_ZEROS = 16 * 512 * 512 * BFLOAT16;
const T5_ENCODER_OUTPUT = 512 * 1024 * BFLOAT16;
const MOVED_BYTES: Readonly<Record<string, number>> = {
  'encoder-block.0.t5-large': -T5_INDICES,
  'decoder-embedding.t5-large': T5_ENCODER_OUTPUT,
  'decoder-block.0.t5-large': -T5_INDICES - T5_ZEROS - T5_ENCODER_OUTPUT,
};

/** Layers that move little: a lookup, a merging. Their kernels' details are not modelled. */
const LITTLE_MOVED = /embedding|merging|^head$/;

function near(t: ExecutionContext, actual: number, expected: number, share: number): void {
  t.true(Math.abs(actual - expected) <= share * expected, `${actual}, PyTorch ${expected}`);
}

for (const [name, { config, tokens, parameters: total, layers }] of Object.entries(REFERENCES)) {
  const model = buildModel({ config }, tokens === null ? {} : { sequenceLength: tokens });

  test(`${name}: layers and parameters are those of PyTorch`, (t) => {
    t.deepEqual(
      model.layers.map((layer) => layer.name),
      Object.keys(layers),
    );
    t.is(model.parameters, total);
    for (const layer of model.layers) {
      const moved = MOVED_PARAMETERS[`${layer.name}.${name}`] ?? 0;
      t.is(parameters(layer), (layers[layer.name]?.parameters ?? NaN) + moved, layer.name);
    }
  });

  for (const layer of model.layers) {
    const reference = layers[layer.name];
    if (reference === undefined) continue;

    test(`${name}, ${layer.name}: FLOP are those of PyTorch`, (t) => {
      near(t, forwardFlops(layer), reference.forwardFlops, 1e-9);
      near(t, backwardFlops(layer), reference.backwardFlops, 1e-9);
    });

    test(`${name}, ${layer.name}: keeps what PyTorch keeps, within 1%`, (t) => {
      const expected = reference.savedBytes + (MOVED_BYTES[`${layer.name}.${name}`] ?? 0);
      near(t, savedActivationBytes(layer, { ...EAGER, recomputation: 'none' }), expected, 0.01);
    });

    if (!LITTLE_MOVED.test(layer.name) && !/^..coder-block.0$/.test(layer.name)) {
      test(`${name}, ${layer.name}: moves what PyTorch moves, within 15%`, (t) => {
        const { forward, backward } = memoryTraffic(layer, { ...EAGER, samples: 1 });
        near(t, forward, reference.forwardTraffic, 0.15);
        near(t, backward, reference.backwardTraffic, 0.15);
      });
    }
  }
}

test('a Llama-7B block does what a profile of it says', (t) => {
  // Llama-7B, one sample of 2,048 tokens in bfloat16.
  const block = buildModel({ preset: 'llama-7b' }).layers.find(({ kind }) => kind === 'block');
  if (block === undefined) {
    t.fail('no block');
    return;
  }
  t.is(parameters(block), 202_383_360);
  t.is(Math.round(forwardFlops(block) / 1e8) / 10, 897.6);
  t.is(Math.round(backwardFlops(block) / 1e8) / 10, 1829.7);
});
