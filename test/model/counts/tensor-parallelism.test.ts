import test from 'ava';
import { buildModel } from '../../../src/model/build-model.ts';
import { backwardFlops, forwardFlops } from '../../../src/model/counts/flops.ts';
import { parameters, tiedParameters } from '../../../src/model/counts/parameters.ts';
import { tensorCollectives, type Collective } from '../../../src/model/counts/tensor-collectives.ts';
import { firstOfKind } from '../layers.ts';

const TOKENS = 1024;
const HIDDEN = 512;
const HEADS = 8;
const KEY_VALUE_HEADS = 2;
const HEAD_DIMENSION = 64;
const INTERMEDIATE = 2048;
const VOCABULARY = 1003;

const LLAMA = buildModel({
  config: {
    model_type: 'llama',
    hidden_size: HIDDEN,
    intermediate_size: INTERMEDIATE,
    num_hidden_layers: 2,
    num_attention_heads: HEADS,
    num_key_value_heads: KEY_VALUE_HEADS,
    vocab_size: VOCABULARY,
    max_position_embeddings: TOKENS,
    tie_word_embeddings: true,
  },
});
const BLOCK = firstOfKind(LLAMA, 'block');
const ACTIVATION = TOKENS * HIDDEN;

function times(count: number, kind: Collective['kind'], elements = ACTIVATION): readonly Collective[] {
  return Array.from({ length: count }, () => ({ kind, elements }));
}

test('a block reduces twice in each pass (arXiv 1909.08053)', (t) => {
  t.deepEqual(tensorCollectives(BLOCK, false), { forward: times(2, 'all-reduce'), backward: times(2, 'all-reduce') });
});

test('with sequence parallelism it gathers and scatters instead (arXiv 2205.05198), and gathers inputs again', (t) => {
  const [gather, scatter] = [...times(1, 'all-gather'), ...times(1, 'reduce-scatter')];
  t.deepEqual(tensorCollectives(BLOCK, true), {
    forward: [gather, scatter, gather, scatter],
    // Gradient of the output, input for the weight's gradient, gradient of the input; for each of the two parts.
    backward: [gather, gather, scatter, gather, gather, scatter],
  });
});

test('the embedding reduces what it puts out, the head the gradient of what it takes in', (t) => {
  t.deepEqual(tensorCollectives(firstOfKind(LLAMA, 'embedding'), false), {
    forward: times(1, 'all-reduce'),
    backward: [],
  });
  t.deepEqual(tensorCollectives(firstOfKind(LLAMA, 'head'), false), { forward: [], backward: times(1, 'all-reduce') });
});

test('cross attention reduces the gradient of the memory too', (t) => {
  const decoder = firstOfKind(buildModel({ preset: 't5-large' }), 'decoder-block');
  const { forward, backward } = tensorCollectives(decoder, false);
  t.is(forward.length, 3);
  t.is(backward.length, 4);
});

test('what is not split exchanges nothing', (t) => {
  const merging = firstOfKind(buildModel({ preset: 'swin-huge' }), 'merging-1');
  t.deepEqual(tensorCollectives(merging, true), { forward: [], backward: [] });
});

test('ranks beyond the key/value heads hold copies of them', (t) => {
  t.deepEqual(BLOCK.tensorDegrees, [1, 2, 4, 8]);
  const norms = 2 * HIDDEN;
  const query = HIDDEN * HEADS * HEAD_DIMENSION;
  const oneKeyHead = HIDDEN * HEAD_DIMENSION;
  const feedForward = 3 * HIDDEN * INTERMEDIATE;
  const expected = (degree: number, keyHeads: number) =>
    norms + (2 * query) / degree + 2 * keyHeads * oneKeyHead + feedForward / degree;
  t.is(parameters(BLOCK, 1), expected(1, 2));
  t.is(parameters(BLOCK, 2), expected(2, 1));
  t.is(parameters(BLOCK, 4), expected(4, 1));
  t.is(parameters(BLOCK, 8), expected(8, 1));
});

test('a vocabulary that the degree does not divide is padded', (t) => {
  t.is(parameters(firstOfKind(LLAMA, 'embedding'), 8), Math.ceil(VOCABULARY / 8) * HIDDEN);
  t.is(forwardFlops(firstOfKind(LLAMA, 'head'), 8), 2 * TOKENS * HIDDEN * Math.ceil(VOCABULARY / 8));
});

test('a tied weight is counted once, and said to be held twice', (t) => {
  const head = firstOfKind(LLAMA, 'head');
  t.is(parameters(head), HIDDEN);
  t.is(tiedParameters(head), HIDDEN * VOCABULARY);
  t.is(tiedParameters(firstOfKind(LLAMA, 'embedding')), 0);
});

test('each rank does its share of the work', (t) => {
  const { layers } = buildModel({ preset: 'gpt-3-175b' });
  const block = layers.find(({ kind }) => kind === 'block') ?? BLOCK;
  t.is(forwardFlops(block, 8) * 8, forwardFlops(block));
  t.is(backwardFlops(block, 8) * 8, backwardFlops(block));
});
