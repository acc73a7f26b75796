/** A model's config.json as the size flags of Megatron-LM's GPT (megatron/training/arguments.py, `network size`). */
import Type from 'typebox';
import { invariant } from '../../api/errors.ts';
import { Probability } from '../../model/config/fields.ts';
import { configError, readConfig } from '../../model/config/read-config.ts';
import { GPT2_DROPOUT, GPT2_SIZES } from '../../model/families/gpt2.ts';
import { LLAMA_SIZES } from '../../model/families/llama.ts';
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
  ...LLAMA_SIZES.properties,
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

const Gpt2 = Type.Object({ ...GPT2_SIZES.properties, attn_pdrop: Type.Optional(Probability) });

/** What a config.json leaves out Megatron-LM takes as Hugging Face does. */
function gpt2({ model: { family }, config }: EngineJob): readonly Flag[] {
  const sizes = readConfig(family, Gpt2, config);
  return [
    ['--num-layers', sizes.n_layer],
    ['--hidden-size', sizes.n_embd],
    ...given('--ffn-hidden-size', sizes.n_inner),
    ['--num-attention-heads', sizes.n_head],
    ['--vocab-size', sizes.vocab_size],
    ['--max-position-embeddings', sizes.n_positions],
    ['--attention-dropout', sizes.attn_pdrop ?? GPT2_DROPOUT],
    ['--hidden-dropout', sizes.resid_pdrop ?? GPT2_DROPOUT],
  ];
}

const SIZES: Readonly<Record<string, Sizes>> = { llama, mistral: llama, qwen2: llama, gpt2 };

export const MEGATRON_FAMILIES = Object.keys(SIZES);
