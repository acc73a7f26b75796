/** A model's config.json as the size flags of Megatron-LM's GPT (megatron/training/arguments.py, `network size`). */
import Type from 'typebox';
import { invariant } from '../../api/errors.ts';
import { Flag as Boolean, LayerCount, LongSize, Probability, Size } from '../../model/config/fields.ts';
import { configError, readConfig } from '../../model/config/read-config.ts';
import type { EngineJob } from './engine.ts';
import { tiesHead } from './planned-layers.ts';
import { given, when, type Flag } from './script.ts';

type Sizes = (job: EngineJob, tokens: number) => readonly Flag[];

/** Flags of the model. */
export function megatronModel(job: EngineJob): readonly Flag[] {
  const { family, tokensPerSample } = job.model;
  const sizes = SIZES[family];
  invariant(sizes && tokensPerSample, `Megatron-LM has no code for ${family}`);
  return [
    ...sizes(job, tokensPerSample),
    ['--seq-length', tokensPerSample],
    ...when(!tiesHead(job.model), ['--untie-embeddings-and-output-weights']),
  ];
}

const Positive = Type.Number({ exclusiveMinimum: 0, description: 'a number above 0' });

const Llama = Type.Object({
  hidden_size: Size,
  intermediate_size: Size,
  num_hidden_layers: LayerCount,
  num_attention_heads: Size,
  num_key_value_heads: Type.Optional(Size),
  head_dim: Type.Optional(Size),
  vocab_size: LongSize,
  max_position_embeddings: Type.Optional(LongSize),
  attention_bias: Type.Optional(Boolean),
  mlp_bias: Type.Optional(Boolean),
  rms_norm_eps: Type.Optional(Positive),
  rope_theta: Type.Optional(Positive),
});

function llama({ model: { family }, config }: EngineJob, tokens: number): readonly Flag[] {
  const sizes = readConfig(family, Llama, config);
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads = heads } = sizes;
  const bias = (['attention_bias', 'mlp_bias'] as const).find((field) => sizes[field] === true);
  if (bias !== undefined) {
    throw configError(family, `${bias} is true`, 'use another planning.engine: Megatron-LM has no flag for it');
  }
  return [
    ['--num-layers', sizes.num_hidden_layers],
    ['--hidden-size', sizes.hidden_size],
    ['--ffn-hidden-size', sizes.intermediate_size],
    ['--num-attention-heads', heads],
    ...when(keyValueHeads < heads, ['--group-query-attention'], ['--num-query-groups', keyValueHeads]),
    ...given('--kv-channels', sizes.head_dim),
    ['--vocab-size', sizes.vocab_size],
    ['--max-position-embeddings', sizes.max_position_embeddings ?? tokens],
    ['--position-embedding-type', 'rope'],
    ...given('--rotary-base', sizes.rope_theta),
    ['--normalization', 'RMSNorm'],
    ...given('--norm-epsilon', sizes.rms_norm_eps),
    ['--swiglu'],
    ['--disable-bias-linear'],
    ...when(family === 'qwen2', ['--add-qkv-bias']),
    ['--attention-dropout', 0],
    ['--hidden-dropout', 0],
  ];
}

const Gpt2 = Type.Object({
  n_embd: Size,
  n_layer: LayerCount,
  n_head: Size,
  n_inner: Type.Optional(Size),
  n_positions: LongSize,
  vocab_size: LongSize,
  attn_pdrop: Type.Optional(Probability),
  resid_pdrop: Type.Optional(Probability),
});

/** What Hugging Face takes for probabilities that a config.json leaves out, and Megatron-LM as well. */
const DROPOUT = 0.1;

function gpt2({ model: { family }, config }: EngineJob): readonly Flag[] {
  const sizes = readConfig(family, Gpt2, config);
  return [
    ['--num-layers', sizes.n_layer],
    ['--hidden-size', sizes.n_embd],
    ...given('--ffn-hidden-size', sizes.n_inner),
    ['--num-attention-heads', sizes.n_head],
    ['--vocab-size', sizes.vocab_size],
    ['--max-position-embeddings', sizes.n_positions],
    ['--attention-dropout', sizes.attn_pdrop ?? DROPOUT],
    ['--hidden-dropout', sizes.resid_pdrop ?? DROPOUT],
  ];
}

const SIZES: Readonly<Record<string, Sizes>> = { llama, mistral: llama, qwen2: llama, gpt2 };

export const MEGATRON_FAMILIES = Object.keys(SIZES);
