import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { buildModel, type Source } from '../../src/model/build-model.ts';
import type { Config } from '../../src/model/config/read-config.ts';
import { parameters } from '../../src/model/counts/parameters.ts';
import { savedActivationBytes } from '../../src/model/counts/saved-activations.ts';
import type { MatrixProduct } from '../../src/model/layer.ts';
import { PRESETS } from '../../src/model/presets.ts';
import { firstOfKind } from './layers.ts';

const LLAMA: Config = {
  model_type: 'llama',
  hidden_size: 512,
  intermediate_size: 1024,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  vocab_size: 1000,
  max_position_embeddings: 256,
};
const GPT2: Config = { model_type: 'gpt2', n_embd: 96, n_layer: 2, n_head: 6, n_positions: 128, vocab_size: 500 };
const SWIN: Config = {
  model_type: 'swin',
  embed_dim: 48,
  depths: [2, 2],
  num_heads: [2, 4],
  window_size: 7,
  image_size: 56,
  patch_size: 4,
};
const VIT: Config = {
  model_type: 'vit',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  image_size: 32,
  patch_size: 8,
};
const T5: Config = { model_type: 't5', d_model: 64, d_kv: 16, d_ff: 128, num_layers: 2, num_heads: 4, vocab_size: 500 };

const OTHERS = 'any other can be given as spec.model.layers';
const KNOWN = `families known here are llama, mistral, qwen2, gpt2, bert, t5, vit, swin; ${OTHERS}`;

for (const [what, config, message] of [
  [
    'a field is missing',
    { ...LLAMA, num_attention_heads: undefined },
    'config.json of family llama: num_attention_heads missing; give a whole number from 1 to 1,048,576',
  ],
  [
    'a field is null',
    { ...LLAMA, vocab_size: null },
    'config.json of family llama: vocab_size missing; give a whole number from 1 to 16,777,216',
  ],
  [
    'a number is not whole',
    { ...LLAMA, hidden_size: 512.5 },
    'config.json of family llama: hidden_size is 512.5; give a whole number from 1 to 1,048,576',
  ],
  [
    'a number is negative',
    { ...GPT2, n_layer: -2 },
    'config.json of family gpt2: n_layer is -2; give a whole number from 1 to 1,024',
  ],
  [
    'a number is huge',
    { ...GPT2, n_embd: 1e12 },
    'config.json of family gpt2: n_embd is 1000000000000; give a whole number from 1 to 1,048,576',
  ],
  [
    'a number is text',
    { ...GPT2, n_head: '6' },
    'config.json of family gpt2: n_head is "6"; give a whole number from 1 to 1,048,576',
  ],
  [
    'a flag is a number',
    { ...LLAMA, tie_word_embeddings: 1 },
    'config.json of family llama: tie_word_embeddings is 1; give true or false',
  ],
  [
    'an activation is unknown',
    { ...LLAMA, hidden_act: 'sillu' },
    'config.json of family llama: hidden_act is "sillu"; give one of gelu, gelu_pytorch_tanh, gelu_new, quick_gelu, silu, swish, tanh, relu',
  ],
  [
    'a list is a number',
    { ...SWIN, depths: 2 },
    'config.json of family swin: depths is 2; give a list of whole numbers, the blocks of each stage',
  ],
  [
    'the width is no multiple of the heads',
    { ...GPT2, n_embd: 1000, n_head: 12 },
    'config.json of family gpt2: n_embd 1000 is not divisible by n_head 12; n_head could be 10 or 20',
  ],
  [
    'there are more heads than features',
    { ...GPT2, n_embd: 8, n_head: 12 },
    'config.json of family gpt2: n_embd 8 is not divisible by n_head 12; n_head could be 8',
  ],
  [
    'heads are no multiple of key/value heads',
    { ...LLAMA, num_key_value_heads: 3 },
    'config.json of family llama: num_attention_heads 8 is not divisible by num_key_value_heads 3; num_key_value_heads could be 2 or 4',
  ],
  [
    'stages are of two minds',
    { ...SWIN, num_heads: [2, 4, 8] },
    'config.json of family swin: depths has 2 stages and num_heads has 3; give one number for each stage in both',
  ],
  [
    'a patch is larger than the image',
    { ...VIT, patch_size: 64 },
    'config.json of family vit: patch_size 64 is larger than image_size 32; give smaller patches',
  ],
  [
    'T5 is only an encoder',
    { ...T5, is_encoder_decoder: false },
    'config.json of family t5: is_encoder_decoder is false; only encoder and decoder together are known here',
  ],
  ['no family is named', { hidden_size: 512 }, `config.json: model_type missing; ${KNOWN}`],
  [
    'the family is misspelt',
    { model_type: 'lama' },
    `config.json: model_type "lama" is not known; did you mean llama? ${KNOWN}`,
  ],
  ['the family is unknown', { model_type: 'mamba2' }, `config.json: model_type "mamba2" is not known; ${KNOWN}`],
  [
    'the family is a mixture of experts',
    { ...LLAMA, model_type: 'mixtral' },
    'config.json of a mixture of experts (model_type mixtral): experts cannot be planned yet; give the model as spec.model.layers',
  ],
  [
    'a known family has experts',
    { ...LLAMA, num_local_experts: 8 },
    'config.json of a mixture of experts (num_local_experts): experts cannot be planned yet; give the model as spec.model.layers',
  ],
  [
    'no length is known',
    { ...LLAMA, max_position_embeddings: undefined },
    'config.json of family llama: max_position_embeddings missing; give it, or spec.training.sequenceLength',
  ],
] as const) {
  test(`says so where ${what}`, (t) => {
    t.throws(() => buildModel({ config }), { instanceOf: UserError, message });
  });
}

test('refuses more tokens than the model takes', (t) => {
  t.throws(() => buildModel({ config: LLAMA }, { sequenceLength: 257 }), {
    instanceOf: UserError,
    message:
      'spec.training.sequenceLength: 257 tokens are more than max_position_embeddings 256 of the model; use 256 or less',
  });
});

test('refuses a sequence length for images', (t) => {
  t.throws(() => buildModel({ config: VIT }, { sequenceLength: 17 }), {
    instanceOf: UserError,
    message: 'spec.training.sequenceLength: a model of family vit takes images, not sequences; leave it out',
  });
});

for (const [what, source, sequenceLength, tokens] of [
  ['as asked for', { config: LLAMA }, 100, 100],
  ['as long as the model takes', { config: LLAMA }, undefined, 256],
  ['as T5 was trained, which takes any length', { config: T5 }, undefined, 512],
  ['longer than T5 was trained', { config: T5 }, 1000, 1000],
  ['none for images', { config: SWIN }, undefined, null],
] as const satisfies readonly (readonly [string, Source, number | undefined, number | null])[]) {
  test(`a sample has tokens: ${what}`, (t) => {
    t.is(buildModel(source, sequenceLength === undefined ? {} : { sequenceLength }).tokensPerSample, tokens);
  });
}

test('a config that is not a preset is named by its family and size', (t) => {
  t.is(buildModel({ config: LLAMA }).name, 'llama-11.5M');
});

test('fields that are not read may hold anything', (t) => {
  const config = {
    ...LLAMA,
    torch_dtype: 'bfloat16',
    rope_scaling: { factor: 8 },
    eos_token_id: [1, 2],
    head_dim: null,
  };
  t.is(buildModel({ config }).parameters, buildModel({ config: LLAMA }).parameters);
});

test('layers of one kind share their operators', (t) => {
  for (const config of [LLAMA, GPT2, SWIN, VIT, T5]) {
    const operators = new Map(buildModel({ config }).layers.map((layer) => [layer.kind, layer.operators]));
    for (const layer of buildModel({ config }).layers) t.deepEqual(layer.operators, operators.get(layer.kind));
    const kinds = Map.groupBy(buildModel({ config }).layers, ({ kind }) => kind);
    for (const [, layers] of kinds) t.is(new Set(layers.map((layer) => layer.operators)).size, 1);
  }
});

/** Parameters of a block beyond those of the plain one. */
for (const [what, change, extra] of [
  ['attention_bias', { attention_bias: true }, 4 * 512],
  ['mlp_bias', { mlp_bias: true }, 2 * 1024 + 512],
  ['grouped-query attention', { num_key_value_heads: 2 }, -2 * 512 * (512 - 128)],
  ['a head dimension of its own', { head_dim: 32 }, -4 * 512 * 256],
  ['qwen2, which has biases for queries, keys and values unasked', { model_type: 'qwen2' }, 3 * 512],
  ['mistral, which has none', { model_type: 'mistral', attention_bias: true }, 0],
] as const) {
  test(`llama with ${what}`, (t) => {
    const blockOf = (config: Config) => parameters(firstOfKind(buildModel({ config }), 'block'));
    t.is(blockOf({ ...LLAMA, ...change }) - blockOf(LLAMA), extra);
  });
}

test('a tied head names the layer that has its weight', (t) => {
  const headOf = (config: Config) =>
    firstOfKind(buildModel({ config }), 'head').operators.find(
      (operator): operator is MatrixProduct => operator.kind === 'matrix-product',
    );
  t.is(headOf({ ...LLAMA, tie_word_embeddings: true })?.tiedTo, 'embedding');
  t.is(headOf(LLAMA)?.tiedTo, undefined);
  t.is(headOf(GPT2)?.tiedTo, 'embedding');
});

test('BERT for masked language modelling alone has no pooler and no next-sentence classifier', (t) => {
  const config = {
    model_type: 'bert',
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    vocab_size: 500,
    max_position_embeddings: 128,
    type_vocab_size: 2,
  };
  const masked = { ...config, architectures: ['BertForMaskedLM'] };
  t.is(buildModel({ config }).parameters - buildModel({ config: masked }).parameters, 64 * 64 + 64 + 2 * 64 + 2);
});

test("T5 relays the encoder's output from where it is made to the last decoder block", (t) => {
  const { layers } = buildModel({ config: T5 }, { sequenceLength: 128 });
  t.deepEqual(
    layers.map(({ name, relayedElements }) => [name, relayedElements / (128 * 64)]),
    [
      ['embedding', 0],
      ['encoder-block.0', 0],
      ['encoder-block.1', 0],
      ['decoder-embedding', 1],
      ['decoder-block.0', 1],
      ['decoder-block.1', 0],
      ['head', 0],
    ],
  );
});

test('dropout in T5 keeps masks, and what was dropped from', (t) => {
  const EAGER = { tensorDegree: 1, sequenceParallel: false, bytesPerElement: 2, kernels: 'eager' } as const;
  const keptOf = (dropout_rate: number, kind: string) => {
    const model = buildModel({ config: { ...PRESETS['t5-large'].config, dropout_rate } });
    return savedActivationBytes(firstOfKind(model, kind), { ...EAGER, recomputation: 'none' });
  };
  const hidden = 512 * 1024;
  const inner = 512 * 4096;
  const scores = 16 * 512 * 512;
  // Masks; ReLU's output beside the product's input; scores at 32 bits. PyTorch adds as much.
  const within = inner * (1 + 2) + scores * (4 + 1);
  t.is(keptOf(0.1, 'encoder-block') - keptOf(0, 'encoder-block'), 2 * hidden + within);
  t.is(keptOf(0.1, 'decoder-block') - keptOf(0, 'decoder-block'), 3 * hidden + within);
});

test('Swin doubles its width and quarters its tokens from stage to stage', (t) => {
  const { layers } = buildModel({ config: SWIN });
  t.deepEqual(
    layers.map(({ name, outputElements }) => [name, outputElements]),
    [
      ['embedding', 14 * 14 * 48],
      ['resolution-1.0', 14 * 14 * 48],
      ['resolution-1.1', 14 * 14 * 48],
      ['merging-1', 7 * 7 * 96],
      ['resolution-2.0', 7 * 7 * 96],
      ['resolution-2.1', 7 * 7 * 96],
      ['head', 1],
    ],
  );
});

test('Swin pads images to whole windows, and shrinks windows to small images', (t) => {
  const attentionOf = (image_size: number, kind: string) =>
    firstOfKind(buildModel({ config: { ...SWIN, image_size } }), kind).operators.find(
      ({ kind: k }) => k === 'attention',
    );
  // 15 × 15 tokens in windows of 7 × 7: three each way.
  t.like(attentionOf(60, 'resolution-1'), { sequences: 9, queries: 49 });
  // 5 × 5 tokens: one window, and 3 × 3 after merging.
  t.like(attentionOf(20, 'resolution-1'), { sequences: 1, queries: 25 });
  t.like(attentionOf(20, 'resolution-2'), { sequences: 1, queries: 9 });
});
