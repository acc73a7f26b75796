/** Our counts against the closed formulas of papers. */
import test from 'ava';
import { buildModel } from '../../../src/model/build-model.ts';
import { forwardFlops, modelFlops } from '../../../src/model/counts/flops.ts';
import { savedActivationBytes, type ActivationOptions } from '../../../src/model/counts/saved-activations.ts';
import { firstOfKind } from '../layers.ts';

const HIDDEN = 6144;
const TOKENS = 2048;
const LAYERS = 48;
const VOCABULARY = 51200;

/** GPT of 22 billion parameters (arXiv 2205.05198, table 3), with dropout as there. */
const GPT = buildModel({
  config: {
    model_type: 'gpt2',
    n_embd: HIDDEN,
    n_layer: LAYERS,
    n_head: 64,
    n_positions: TOKENS,
    vocab_size: VOCABULARY,
    activation_function: 'gelu',
    resid_pdrop: 0.1,
    embd_pdrop: 0.1,
  },
});

/**
 * "Reducing activation recomputation in large transformer models" (arXiv 2205.05198), equations 1, 2 and 4 and table 2, in
 * bytes per token and feature; the part for scores (5as/h) is what blockwise attention does away with.
 */
for (const [what, tensorDegree, sequenceParallel, perElement] of [
  ['no parallelism: 34', 1, false, 34],
  ['tensor parallelism: 10 + 24/t', 8, false, 10 + 24 / 8],
  ['tensor and sequence parallelism: 34/t', 8, true, 34 / 8],
] as const) {
  test(`activations of a GPT block, ${what}`, (t) => {
    const options = { tensorDegree, sequenceParallel, bytesPerElement: 2, kernels: 'fused' } as const;
    const block = firstOfKind(GPT, 'block');
    // Of blockwise attention there remains one 32-bit statistic per query and head.
    const statistics = (TOKENS * 64 * 4) / tensorDegree;
    t.is(savedActivationBytes(block, { ...options, recomputation: 'none' }), TOKENS * HIDDEN * perElement + statistics);
    t.is(savedActivationBytes(block, { ...options, recomputation: 'selective' }), TOKENS * HIDDEN * perElement);
  });
}

test('full recomputation keeps the input of a layer: 2 bytes per token and feature', (t) => {
  const block = firstOfKind(GPT, 'block');
  const full: ActivationOptions = {
    tensorDegree: 8,
    sequenceParallel: false,
    bytesPerElement: 2,
    recomputation: 'full',
    kernels: 'eager',
  };
  t.is(savedActivationBytes(block, full), 2 * TOKENS * HIDDEN);
  t.is(savedActivationBytes(block, { ...full, sequenceParallel: true }), (2 * TOKENS * HIDDEN) / 8);
  t.is(savedActivationBytes(firstOfKind(GPT, 'embedding'), full), 0);
});

test('full recomputation frees no encoder output, which every decoder block reads', (t) => {
  const config = {
    model_type: 't5',
    d_model: 512,
    d_kv: 64,
    d_ff: 2048,
    num_layers: 2,
    num_heads: 8,
    vocab_size: 32128,
  };
  const t5 = buildModel({ config });
  const options = { tensorDegree: 2, sequenceParallel: false, bytesPerElement: 2, recomputation: 'full' } as const;
  const tensor = 2 * 512 * 512;
  for (const kernels of ['eager', 'fused'] as const) {
    const kept = (kind: string) => savedActivationBytes(firstOfKind(t5, kind), { ...options, kernels });
    t.is(kept('decoder-embedding'), 2 * tensor);
    t.is(kept('decoder-block'), tensor);
  }
});

test('model FLOP are 72 s l h² (1 + s/6h + V/12hl) (arXiv 2104.04473, section 5.1, without recomputation)', (t) => {
  const formula =
    72 * TOKENS * LAYERS * HIDDEN ** 2 * (1 + TOKENS / (6 * HIDDEN) + VOCABULARY / (12 * HIDDEN * LAYERS));
  t.true(Math.abs(modelFlops(GPT.layers) / formula - 1) < 1e-12);
});

test('scores above the diagonal can be left out', (t) => {
  const block = firstOfKind(GPT, 'block');
  const all = 4 * TOKENS ** 2 * HIDDEN;
  const left = forwardFlops(block) - forwardFlops(block, 1, 'unmasked');
  t.is(left, (all * (TOKENS - 1)) / (2 * TOKENS));
});
