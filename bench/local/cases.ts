/** Models, and the layouts in which each is trained. */

export interface Case {
  readonly name: string;
  /** As Hugging Face writes it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly training: Training;
  readonly ranks: number;
  /** As `uniap estimate --set` takes them. */
  readonly layouts: readonly string[];
}

export interface Training {
  readonly globalBatchSize: number;
  readonly sequenceLength: number;
  readonly precision: 'FP32';
}

const TRAINING: Training = { globalBatchSize: 8, sequenceLength: 128, precision: 'FP32' };

const LLAMA = {
  model_type: 'llama',
  hidden_size: 256,
  intermediate_size: 688,
  num_hidden_layers: 6,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  vocab_size: 2048,
  tie_word_embeddings: false,
} as const;

const GPT2 = { model_type: 'gpt2', n_embd: 256, n_layer: 6, n_head: 8, n_positions: 128, vocab_size: 2048 } as const;

export const CASES: readonly Case[] = [
  {
    name: 'Llama',
    config: LLAMA,
    training: TRAINING,
    ranks: 2,
    layouts: [
      'data=2',
      'data=2,microBatches=4',
      'data=2,recomputation=Full',
      'shards=2',
      'shards=2,microBatches=4',
      'shards=2,zero=2,microBatches=2',
      'tensor=2',
      'tensor=2,microBatches=4',
      'tensor=2,sequenceParallel=true',
      'pipeline=2,microBatches=1',
      'pipeline=2,microBatches=2',
      'pipeline=2,microBatches=8',
      'pipeline=2,microBatches=4,recomputation=Full',
    ],
  },
  {
    name: 'Llama',
    config: LLAMA,
    training: TRAINING,
    ranks: 4,
    layouts: [
      'data=4',
      'data=4,microBatches=2',
      'shards=4',
      'shards=4,zero=2,microBatches=2',
      'tensor=4',
      'tensor=2,data=2',
      'tensor=2,shards=2,microBatches=2',
      'pipeline=2,data=2,microBatches=2',
      'pipeline=2,tensor=2,microBatches=4',
      'pipeline=2,shards=2,microBatches=4,recomputation=Full',
      'pipeline=4,microBatches=1',
      'pipeline=4,microBatches=4',
      'pipeline=4,microBatches=8',
    ],
  },
  {
    name: 'GPT-2',
    config: GPT2,
    training: TRAINING,
    ranks: 2,
    layouts: ['data=2', 'shards=2', 'tensor=2', 'pipeline=2,microBatches=4'],
  },
];
