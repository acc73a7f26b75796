/** Published models by name. Each config holds the fields of the published one that bear on sizes, and says where it is from. */
import type { ModelPreset } from '../api/presets.ts';
import type { Config } from './config/read-config.ts';

export interface Preset {
  /** Where the figures are published. */
  readonly source: string;
  readonly config: Config;
}

const LLAMA_1 = { model_type: 'llama', vocab_size: 32000, max_position_embeddings: 2048 };
const LLAMA_2 = { ...LLAMA_1, max_position_embeddings: 4096 };
const LLAMA_3 = { model_type: 'llama', vocab_size: 128256, max_position_embeddings: 8192, num_key_value_heads: 8 };

const LLAMA_7B = { hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32, num_attention_heads: 32 };
const LLAMA_13B = { hidden_size: 5120, intermediate_size: 13824, num_hidden_layers: 40, num_attention_heads: 40 };

export const PRESETS: Readonly<Record<ModelPreset, Preset>> = {
  'bert-huge': {
    source:
      'UniAP, arXiv 2307.16375, and Galvatron, arXiv 2211.13878 (BERT-Huge-32); config bert-huge-uncased-32 of Galvatron',
    config: {
      model_type: 'bert',
      hidden_size: 1280,
      intermediate_size: 5120,
      num_hidden_layers: 32,
      num_attention_heads: 16,
      vocab_size: 30522,
      max_position_embeddings: 512,
      type_vocab_size: 2,
    },
  },
  't5-large': {
    source: 'T5, arXiv 1910.10683, table 2; config.json of t5-large',
    config: {
      model_type: 't5',
      d_model: 1024,
      d_kv: 64,
      d_ff: 4096,
      num_layers: 24,
      num_decoder_layers: 24,
      num_heads: 16,
      n_positions: 512,
      relative_attention_num_buckets: 32,
      vocab_size: 32128,
      feed_forward_proj: 'relu',
    },
  },
  'vit-huge': {
    source: 'ViT, arXiv 2010.11929, table 1; patches of 16 pixels as in Galvatron (vit-huge-patch16-224)',
    config: {
      model_type: 'vit',
      hidden_size: 1280,
      intermediate_size: 5120,
      num_hidden_layers: 32,
      num_attention_heads: 16,
      image_size: 224,
      patch_size: 16,
      num_channels: 3,
      num_labels: 1000,
    },
  },
  'swin-huge': {
    source:
      'UniAP, arXiv 2307.16375, and Galvatron, arXiv 2211.13878 (Swin-Huge-48); swin-huge-patch4-window7-224 of Galvatron',
    config: {
      model_type: 'swin',
      embed_dim: 320,
      depths: [2, 2, 42, 2],
      num_heads: [8, 16, 32, 64],
      window_size: 7,
      mlp_ratio: 4,
      qkv_bias: true,
      image_size: 224,
      patch_size: 4,
      num_channels: 3,
      num_labels: 1000,
    },
  },
  'llama-7b': {
    source: 'Llama, arXiv 2302.13971, table 2; config.json of llama-7b',
    config: { ...LLAMA_1, ...LLAMA_7B },
  },
  'llama-13b': {
    source: 'Llama, arXiv 2302.13971, table 2; config.json of llama-13b',
    config: { ...LLAMA_1, ...LLAMA_13B },
  },
  'llama-2-7b': {
    source: 'Llama 2, arXiv 2307.09288, table 1; config.json of Llama-2-7b-hf',
    config: { ...LLAMA_2, ...LLAMA_7B },
  },
  'llama-2-13b': {
    source: 'Llama 2, arXiv 2307.09288, table 1; config.json of Llama-2-13b-hf',
    config: { ...LLAMA_2, ...LLAMA_13B },
  },
  'llama-2-70b': {
    source: 'Llama 2, arXiv 2307.09288, table 1; config.json of Llama-2-70b-hf',
    config: {
      ...LLAMA_2,
      hidden_size: 8192,
      intermediate_size: 28672,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 8,
    },
  },
  'llama-3-8b': {
    source: 'Llama 3, arXiv 2407.21783, table 3; config.json of Meta-Llama-3-8B',
    config: {
      ...LLAMA_3,
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
    },
  },
  'llama-3-70b': {
    source: 'Llama 3, arXiv 2407.21783, table 3; config.json of Meta-Llama-3-70B',
    config: {
      ...LLAMA_3,
      hidden_size: 8192,
      intermediate_size: 28672,
      num_hidden_layers: 80,
      num_attention_heads: 64,
    },
  },
  'llama-3.1-405b': {
    source: 'Llama 3, arXiv 2407.21783, table 3; config.json of Llama-3.1-405B',
    config: {
      ...LLAMA_3,
      max_position_embeddings: 131072,
      hidden_size: 16384,
      intermediate_size: 53248,
      num_hidden_layers: 126,
      num_attention_heads: 128,
    },
  },
  'gpt-3-175b': {
    source: 'GPT-3, arXiv 2005.14165, table 2.1; vocabulary of GPT-2',
    config: {
      model_type: 'gpt2',
      n_embd: 12288,
      n_layer: 96,
      n_head: 96,
      n_positions: 2048,
      vocab_size: 50257,
      // The paper names no dropout; large language models are trained without.
      resid_pdrop: 0,
      embd_pdrop: 0,
    },
  },
};
