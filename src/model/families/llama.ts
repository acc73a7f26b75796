/**
 * Llama (arXiv 2302.13971, 2307.09288, 2407.21783), Mistral (arXiv 2310.06825) and Qwen2 (arXiv 2407.10671): decoders with
 * RMS norms before each part, rotary embeddings, grouped-query attention and a gated feed-forward network.
 *
 * A sliding window (Mistral, Qwen2) is counted as full attention.
 */
import Type from 'typebox';
import { attention } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Activation, Flag, LayerCount, LongSize, Size } from '../config/fields.ts';
import { requireMultiple } from '../config/read-config.ts';
import { textFamily, type Family } from '../family.ts';
import { languageHead } from '../head.ts';
import { CROSS_ENTROPY_FLOAT32, RMS_NORM } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { elementwise, feedForward, lookup, residual } from '../operators.ts';
import { tensorDegrees } from '../tensor-degrees.ts';

/** What a config.json says of the sizes of all three. */
export const LLAMA_SIZES = Type.Object({
  hidden_size: Size,
  intermediate_size: Size,
  num_hidden_layers: LayerCount,
  num_attention_heads: Size,
  num_key_value_heads: Type.Optional(Size),
  head_dim: Type.Optional(Size),
  vocab_size: LongSize,
  max_position_embeddings: Type.Optional(LongSize),
  tie_word_embeddings: Type.Optional(Flag),
  attention_bias: Type.Optional(Flag),
  mlp_bias: Type.Optional(Flag),
  hidden_act: Type.Optional(Activation),
});

type LlamaConfig = Type.Static<typeof LLAMA_SIZES>;

/** Where the families differ without saying so in their config.json. */
interface Variant {
  readonly inputBias: (config: LlamaConfig) => boolean;
  readonly outputBias: (config: LlamaConfig) => boolean;
  readonly feedForwardBias: (config: LlamaConfig) => boolean;
}

const never = () => false;

const VARIANTS: Readonly<Record<string, Variant>> = {
  llama: {
    inputBias: ({ attention_bias = false }) => attention_bias,
    outputBias: ({ attention_bias = false }) => attention_bias,
    feedForwardBias: ({ mlp_bias = false }) => mlp_bias,
  },
  mistral: { inputBias: never, outputBias: never, feedForwardBias: never },
  qwen2: { inputBias: () => true, outputBias: never, feedForwardBias: never },
};

export const LLAMA_FAMILIES: readonly Family[] = Object.entries(VARIANTS).map(([modelType, variant]) =>
  textFamily(modelType, {
    schema: LLAMA_SIZES,
    length: ({ max_position_embeddings: tokens }) => ({ field: 'max_position_embeddings', tokens, limits: true }),
    layers: (config, tokens) => layers(modelType, variant, config, tokens),
  }),
);

function layers(family: string, variant: Variant, config: LlamaConfig, tokens: number): readonly Run[] {
  const { hidden_size: hidden, vocab_size: entries } = config;
  const outputElements = tokens * hidden;
  const operators = block(family, variant, config, tokens);
  const degrees = { tensorDegrees: tensorDegrees(operators), outputElements };
  return [
    single('embedding', {
      ...degrees,
      operators: [lookup('token-embedding', { rows: tokens, entries, width: hidden, split: 'entries' })],
    }),
    repeated('block', config.num_hidden_layers, { ...degrees, operators }),
    single('head', { ...degrees, operators: head(config, tokens), outputElements: 1 }),
  ];
}

function block(family: string, variant: Variant, config: LlamaConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const { num_key_value_heads: keyValueHeads = heads, head_dim: headDimension = hidden / heads } = config;
  if (config.head_dim === undefined) {
    requireMultiple(family, ['hidden_size', hidden], ['num_attention_heads', heads]);
  }
  requireMultiple(family, ['num_attention_heads', heads], ['num_key_value_heads', keyValueHeads]);
  return [
    norm('attention-norm', hidden, tokens),
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads,
      headDimension,
      inputBias: variant.inputBias(config),
      outputBias: variant.outputBias(config),
      causal: true,
      rotary: true,
    }),
    residual('attention-residual', tokens * hidden),
    norm('feed-forward-norm', hidden, tokens),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate: config.intermediate_size,
      activation: config.hidden_act ?? 'silu',
      gated: true,
      bias: variant.feedForwardBias(config),
    }),
    residual('feed-forward-residual', tokens * hidden),
  ];
}

function head(config: LlamaConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden, vocab_size: vocabulary, tie_word_embeddings: tied = false } = config;
  return [
    norm('norm', hidden, tokens),
    ...languageHead({ rows: tokens, hidden, vocabulary, loss: CROSS_ENTROPY_FLOAT32, tied }),
  ];
}

function norm(name: string, hidden: number, tokens: number): Operator {
  return elementwise(name, RMS_NORM, { elements: tokens * hidden, parameters: hidden, region: 'sequence' });
}
