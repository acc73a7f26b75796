/**
 * GPT-2 and GPT-3 (arXiv 2005.14165): decoders with layer norms before each part, learned positions, a feed-forward network
 * with GELU, and the head tied to the embedding.
 */
import Type from 'typebox';
import { attention } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Activation, Flag, LayerCount, LongSize, Probability, Size } from '../config/fields.ts';
import { configError, requireMultiple } from '../config/read-config.ts';
import { textFamily, type Family } from '../family.ts';
import { languageHead } from '../head.ts';
import { CROSS_ENTROPY_FLOAT32 } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { dropout, feedForward, layerNorm, lookup, residual } from '../operators.ts';
import { tensorDegrees } from '../tensor-degrees.ts';

const MODEL_TYPE = 'gpt2';

export const GPT2_SIZES = Type.Object({
  n_embd: Size,
  n_layer: LayerCount,
  n_head: Size,
  n_inner: Type.Optional(Size),
  n_positions: LongSize,
  vocab_size: LongSize,
  activation_function: Type.Optional(Activation),
  tie_word_embeddings: Type.Optional(Flag),
  add_cross_attention: Type.Optional(Flag),
  resid_pdrop: Type.Optional(Probability),
  embd_pdrop: Type.Optional(Probability),
});

type Gpt2Config = Type.Static<typeof GPT2_SIZES>;

/** What Hugging Face takes for probabilities that a config.json leaves out. */
export const GPT2_DROPOUT = 0.1;

export const GPT2: Family = textFamily(MODEL_TYPE, {
  schema: GPT2_SIZES,
  length: ({ n_positions: tokens }) => ({ field: 'n_positions', tokens, limits: true }),
  layers,
});

function layers(config: Gpt2Config, tokens: number): readonly Run[] {
  if (config.add_cross_attention) {
    throw configError(
      MODEL_TYPE,
      'add_cross_attention is true',
      'only decoders without cross attention are known here',
    );
  }
  const outputElements = tokens * config.n_embd;
  const operators = block(config, tokens);
  const degrees = { tensorDegrees: tensorDegrees(operators), outputElements };
  return [
    single('embedding', { ...degrees, operators: embedding(config, tokens) }),
    repeated('block', config.n_layer, { ...degrees, operators }),
    single('head', { ...degrees, operators: head(config, tokens), outputElements: 1 }),
  ];
}

function embedding(config: Gpt2Config, tokens: number): readonly Operator[] {
  const { n_embd: width, vocab_size: entries, n_positions: positions } = config;
  const elements = tokens * width;
  return [
    lookup('token-embedding', { rows: tokens, entries, width, split: 'entries' }),
    lookup('position-embedding', { rows: tokens, entries: positions, width }),
    residual('embedding-sum', elements),
    ...dropout('embedding-dropout', elements, config.embd_pdrop ?? GPT2_DROPOUT),
  ];
}

function block(config: Gpt2Config, tokens: number): readonly Operator[] {
  const { n_embd: hidden, n_head: heads, n_inner: intermediate = 4 * hidden, resid_pdrop = GPT2_DROPOUT } = config;
  requireMultiple(MODEL_TYPE, ['n_embd', hidden], ['n_head', heads]);
  const elements = tokens * hidden;
  return [
    layerNorm('attention-norm', tokens, hidden),
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads: heads,
      headDimension: hidden / heads,
      inputBias: true,
      outputBias: true,
      causal: true,
    }),
    ...dropout('attention-dropout', elements, resid_pdrop),
    residual('attention-residual', elements),
    layerNorm('feed-forward-norm', tokens, hidden),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate,
      activation: config.activation_function ?? 'gelu_new',
      gated: false,
      bias: true,
    }),
    ...dropout('feed-forward-dropout', elements, resid_pdrop),
    residual('feed-forward-residual', elements),
  ];
}

function head(config: Gpt2Config, tokens: number): readonly Operator[] {
  const { n_embd: hidden, vocab_size: vocabulary, tie_word_embeddings: tied = true } = config;
  return [
    layerNorm('norm', tokens, hidden),
    ...languageHead({ rows: tokens, hidden, vocabulary, loss: CROSS_ENTROPY_FLOAT32, tied }),
  ];
}
