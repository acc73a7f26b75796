/**
 * BERT (arXiv 1810.04805): an encoder with layer norms after each part.
 *
 * Trained as in the paper: masked language model (a transform of the hidden states, then the head tied to the embedding,
 * with a bias of its own) and next-sentence prediction (pooler and classifier of the first token). A config whose
 * `architectures` names BertForMaskedLM has no next-sentence prediction.
 */
import Type from 'typebox';
import { attention } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Activation, Flag, LayerCount, LongSize, Names, Probability, Size } from '../config/fields.ts';
import { configError, requireMultiple } from '../config/read-config.ts';
import { textFamily, type Family } from '../family.ts';
import { languageHead } from '../head.ts';
import { CROSS_ENTROPY } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { activate, dropout, feedForward, layerNorm, lookup, product, residual } from '../operators.ts';
import { tensorDegrees } from '../tensor-degrees.ts';

const MODEL_TYPE = 'bert';

const schema = Type.Object({
  hidden_size: Size,
  intermediate_size: Size,
  num_hidden_layers: LayerCount,
  num_attention_heads: Size,
  vocab_size: LongSize,
  max_position_embeddings: LongSize,
  type_vocab_size: Size,
  tie_word_embeddings: Type.Optional(Flag),
  hidden_act: Type.Optional(Activation),
  hidden_dropout_prob: Type.Optional(Probability),
  architectures: Type.Optional(Names),
  is_decoder: Type.Optional(Flag),
});

type BertConfig = Type.Static<typeof schema>;

/** What Hugging Face takes where a config.json leaves it out. */
const DROPOUT = 0.1;

const SENTENCE_RELATIONS = 2;

export const BERT: Family = textFamily(MODEL_TYPE, {
  schema,
  length: ({ max_position_embeddings: tokens }) => ({ field: 'max_position_embeddings', tokens, limits: true }),
  layers,
});

function layers(config: BertConfig, tokens: number): readonly Run[] {
  if (config.is_decoder) {
    throw configError(MODEL_TYPE, 'is_decoder is true', 'only encoders are known here; use gpt2 for decoders');
  }
  const outputElements = tokens * config.hidden_size;
  const operators = block(config, tokens);
  const degrees = { tensorDegrees: tensorDegrees(operators), outputElements };
  return [
    single('embedding', { ...degrees, operators: embedding(config, tokens) }),
    repeated('block', config.num_hidden_layers, { ...degrees, operators }),
    single('head', { ...degrees, operators: head(config, tokens), outputElements: 1 }),
  ];
}

function embedding(config: BertConfig, tokens: number): readonly Operator[] {
  const { hidden_size: width, hidden_dropout_prob = DROPOUT } = config;
  const elements = tokens * width;
  return [
    lookup('token-embedding', { rows: tokens, entries: config.vocab_size, width, split: 'entries' }),
    lookup('position-embedding', { rows: tokens, entries: config.max_position_embeddings, width }),
    lookup('type-embedding', { rows: tokens, entries: config.type_vocab_size, width }),
    residual('position-sum', elements),
    residual('type-sum', elements),
    layerNorm('embedding-norm', tokens, width),
    ...dropout('embedding-dropout', elements, hidden_dropout_prob),
  ];
}

function block(config: BertConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden, num_attention_heads: heads, hidden_dropout_prob = DROPOUT } = config;
  requireMultiple(MODEL_TYPE, ['hidden_size', hidden], ['num_attention_heads', heads]);
  const elements = tokens * hidden;
  return [
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads: heads,
      headDimension: hidden / heads,
      inputBias: true,
      outputBias: true,
      causal: false,
    }),
    ...dropout('attention-dropout', elements, hidden_dropout_prob),
    residual('attention-residual', elements),
    layerNorm('attention-norm', tokens, hidden),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate: config.intermediate_size,
      activation: config.hidden_act ?? 'gelu',
      gated: false,
      bias: true,
    }),
    ...dropout('feed-forward-dropout', elements, hidden_dropout_prob),
    residual('feed-forward-residual', elements),
    layerNorm('feed-forward-norm', tokens, hidden),
  ];
}

function head(config: BertConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden, tie_word_embeddings: tied = true, architectures = [] } = config;
  const transform = { rows: tokens, inner: hidden, columns: hidden, bias: true, split: 'none' } as const;
  return [
    ...(architectures.includes('BertForMaskedLM') ? [] : nextSentence(hidden)),
    product('transform', { ...transform, input: 'encoded' }),
    activate(config.hidden_act ?? 'gelu', tokens * hidden, 'sequence'),
    layerNorm('transform-norm', tokens, hidden),
    ...languageHead({ rows: tokens, hidden, vocabulary: config.vocab_size, loss: CROSS_ENTROPY, tied, bias: true }),
  ];
}

/** Pooler and classifier work on one token only. The input of the pooler is a view of the transform's. */
function nextSentence(hidden: number): readonly Operator[] {
  const row = { rows: 1, inner: hidden, bias: true, split: 'none' } as const;
  return [
    product('pooler', { ...row, input: 'first-token', columns: hidden, keepsInput: false }),
    activate('tanh', hidden, 'sequence'),
    product('relation', { ...row, input: 'pooled', columns: SENTENCE_RELATIONS }),
  ];
}
