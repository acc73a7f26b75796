/**
 * T5 (arXiv 1910.10683): an encoder and a decoder with RMS norms before each part, relative position biases, cross attention
 * and no biases in products. Encoder and decoder read equally many tokens.
 *
 * The chain is embedding, encoder blocks, decoder embedding, decoder blocks, head. The encoder's output leaves the chain's
 * path: the layer `decoder-embedding` normalises and keeps it, and it is relayed from there to the last decoder block
 * (`relayedElements`); each stage on the way receives, keeps and returns the gradient of one copy.
 *
 * The first block of each half owns the table of position biases in Hugging Face's implementation and hands the biases to
 * the others. Here every block computes with biases, and the two tables are counted with the embeddings.
 */
import Type from 'typebox';
import { attention, type AttentionShape } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Flag, LayerCount, LongSize, Probability, Size } from '../config/fields.ts';
import { configError } from '../config/read-config.ts';
import { textFamily, type Family } from '../family.ts';
import { languageHead } from '../head.ts';
import { ACTIVATIONS, CROSS_ENTROPY, ENCODER_OUTPUT, T5_NORM } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { dropout, elementwise, feedForward, lookup, residual } from '../operators.ts';
import { commonDegrees, tensorDegrees } from '../tensor-degrees.ts';

const MODEL_TYPE = 't5';

/** Values of `feed_forward_proj`: an activation, gated or not. */
const FEED_FORWARDS = [...ACTIVATIONS.keys()].flatMap((activation) => [activation, `gated-${activation}`]);

const schema = Type.Object({
  d_model: Size,
  d_kv: Size,
  d_ff: Size,
  num_layers: LayerCount,
  num_decoder_layers: Type.Optional(LayerCount),
  num_heads: Size,
  n_positions: Type.Optional(LongSize),
  relative_attention_num_buckets: Type.Optional(Size),
  vocab_size: LongSize,
  feed_forward_proj: Type.Optional(Type.Enum(FEED_FORWARDS, { description: `one of ${FEED_FORWARDS.join(', ')}` })),
  dropout_rate: Type.Optional(Probability),
  tie_word_embeddings: Type.Optional(Flag),
  is_encoder_decoder: Type.Optional(Flag),
});

type T5Config = Type.Static<typeof schema>;

/** What Hugging Face takes where a config.json leaves it out. */
const DROPOUT = 0.1;
const BUCKETS = 32;

/** Tokens that T5 was trained with (section 3.1.2); its relative positions set no limit. */
const TRAINED_LENGTH = 512;

export const T5: Family = textFamily(MODEL_TYPE, {
  schema,
  length: ({ n_positions: tokens = TRAINED_LENGTH }) => ({ field: 'n_positions', tokens, limits: false }),
  layers,
});

function layers(config: T5Config, tokens: number): readonly Run[] {
  if (config.is_encoder_decoder === false) {
    throw configError(MODEL_TYPE, 'is_encoder_decoder is false', 'only encoder and decoder together are known here');
  }
  const outputElements = tokens * config.d_model;
  const encoder = encoderBlock(config, tokens);
  const decoder = decoderBlock(config, tokens);
  const degrees = commonDegrees([tensorDegrees(encoder), tensorDegrees(decoder)]);
  const encoding = { tensorDegrees: degrees, outputElements };
  const decoding = { ...encoding, relayedElements: outputElements };
  const { num_layers: count, num_decoder_layers: decoderCount = count } = config;
  return [
    single('embedding', { ...encoding, operators: embedding(config, tokens) }),
    repeated('encoder-block', count, { ...encoding, operators: encoder }),
    single('decoder-embedding', { ...decoding, operators: decoderEmbedding(config, tokens) }),
    ...decoderRuns(decoderCount, { ...decoding, operators: decoder }),
    single('head', { ...encoding, operators: head(config, tokens), outputElements: 1 }),
  ];
}

/** The last decoder block hands on nothing but its output. */
function decoderRuns(count: number, shape: Omit<Run, 'kind' | 'names'>): readonly Run[] {
  const { kind, names, ...rest } = repeated('decoder-block', count, shape);
  return names.map((name, index) => ({
    kind,
    names: [name],
    ...rest,
    relayedElements: index === count - 1 ? 0 : shape.relayedElements,
  }));
}

function embedding(config: T5Config, tokens: number): readonly Operator[] {
  const { vocab_size: entries, d_model: width } = config;
  return [
    lookup('token-embedding', { rows: tokens, entries, width, split: 'entries' }),
    positionBias(config),
    ...hiddenDropout('embedding-dropout', config, tokens),
  ];
}

function decoderEmbedding(config: T5Config, tokens: number): readonly Operator[] {
  const { vocab_size: entries, d_model: width } = config;
  return [
    norm('encoder-norm', config, tokens),
    ...hiddenDropout('encoder-dropout', config, tokens),
    elementwise('encoder-output', ENCODER_OUTPUT, { elements: tokens * width, region: 'sequence' }),
    lookup('token-embedding', { rows: tokens, entries, width, split: 'entries', tiedTo: 'embedding' }),
    positionBias(config),
    ...hiddenDropout('embedding-dropout', config, tokens),
  ];
}

/** Looked up once for all samples and blocks, so no rows of a sample. */
function positionBias({ num_heads: width, relative_attention_num_buckets: entries = BUCKETS }: T5Config): Operator {
  return lookup('position-bias', { rows: 0, entries, width });
}

function encoderBlock(config: T5Config, tokens: number): readonly Operator[] {
  return [...selfAttention(config, tokens, false), ...feedForwardPart(config, tokens)];
}

function decoderBlock(config: T5Config, tokens: number): readonly Operator[] {
  return [
    ...selfAttention(config, tokens, true),
    norm('cross-norm', config, tokens),
    ...attention({ ...attentionShape(config, tokens), causal: false, memoryRows: tokens, prefix: 'cross-' }),
    ...hiddenDropout('cross-dropout', config, tokens),
    residual('cross-residual', tokens * config.d_model),
    ...feedForwardPart(config, tokens),
  ];
}

function selfAttention(config: T5Config, tokens: number, causal: boolean): readonly Operator[] {
  return [
    norm('attention-norm', config, tokens),
    ...attention({ ...attentionShape(config, tokens), causal, scoreBias: true }),
    ...hiddenDropout('attention-dropout', config, tokens),
    residual('attention-residual', tokens * config.d_model),
  ];
}

function attentionShape(config: T5Config, tokens: number): Omit<AttentionShape, 'causal'> {
  const { d_model: hidden, num_heads: heads, d_kv: headDimension, dropout_rate = DROPOUT } = config;
  const bias = { inputBias: false, outputBias: false };
  return { rows: tokens, hidden, heads, keyValueHeads: heads, headDimension, ...bias, dropout: dropout_rate };
}

/** T5 1.1 writes gated-gelu, and means the GELU written out (`gelu_new`). */
function feedForwardKind(written: string): { readonly activation: string; readonly gated: boolean } {
  if (written === 'gated-gelu') return { activation: 'gelu_new', gated: true };
  return { activation: written.replace('gated-', ''), gated: written.startsWith('gated-') };
}

function feedForwardPart(config: T5Config, tokens: number): readonly Operator[] {
  const { d_model: hidden, d_ff: intermediate, dropout_rate: innerDropout = DROPOUT } = config;
  const { activation, gated } = feedForwardKind(config.feed_forward_proj ?? 'relu');
  return [
    norm('feed-forward-norm', config, tokens),
    ...feedForward({ rows: tokens, hidden, intermediate, activation, gated, bias: false, innerDropout }),
    ...hiddenDropout('feed-forward-dropout', config, tokens),
    residual('feed-forward-residual', tokens * hidden),
  ];
}

function head(config: T5Config, tokens: number): readonly Operator[] {
  const { d_model: hidden, vocab_size: vocabulary, tie_word_embeddings: tied = true } = config;
  return [
    norm('norm', config, tokens),
    ...hiddenDropout('head-dropout', config, tokens),
    ...languageHead({ rows: tokens, hidden, vocabulary, loss: CROSS_ENTROPY, tied }),
  ];
}

function norm(name: string, { d_model: hidden }: T5Config, tokens: number): Operator {
  return elementwise(name, T5_NORM, { elements: tokens * hidden, parameters: hidden, region: 'sequence' });
}

function hiddenDropout(name: string, config: T5Config, tokens: number): readonly Operator[] {
  return dropout(name, tokens * config.d_model, config.dropout_rate ?? DROPOUT);
}
