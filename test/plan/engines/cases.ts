/** Plans for engines, each with what its engine must be told of it in ../golden/engines. */
import type { LayerRun, ParallelPlanSpec } from '../../../src/api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import { aJobSpec, aPlan, aRun } from '../builders.ts';

export interface EngineCase {
  readonly name: string;
  readonly spec: TrainingJobSpec;
  readonly plan: ParallelPlanSpec;
}

type Engine = TrainingJobSpec['planning']['engine'];

interface Given {
  readonly engine: Engine;
  readonly model: TrainingJobSpec['model'];
  /** Besides the plan's batch: 4096 tokens in BF16 with AdamW where nothing is said. */
  readonly training?: Omit<Partial<TrainingJobSpec['training']>, 'globalBatchSize'>;
  readonly plan: Partial<ParallelPlanSpec>;
}

function aCase(name: string, { engine, model, training, plan }: Given): EngineCase {
  const { planning, ...spec } = aJobSpec();
  const whole = aPlan(plan);
  return {
    name,
    spec: {
      ...spec,
      model,
      training: {
        globalBatchSize: whole.globalBatchSize,
        precision: 'BF16',
        optimizer: 'AdamW',
        ...(training ?? { sequenceLength: 4096 }),
      },
      resources: { ...spec.resources, gpus: whole.gpus },
      planning: { ...planning, engine },
    },
    plan: { ...whole, nodes: [{ name: 'dgx-a', gpus: whole.gpus }] },
  };
}

/** One strategy, cut into chunks after the layers named, which stages take in turn; ends are never recomputed. */
export function alike(
  strategy: Partial<LayerRun>,
  layers: number,
  cuts: readonly number[],
  stages = cuts.length + 1,
): ParallelPlanSpec['stages'] {
  const bounds = [0, ...cuts.map((last) => last + 1), layers];
  const chunks = bounds.slice(1).map((end, chunk) => ({ first: bounds[chunk] ?? 0, last: end - 1, chunk }));
  return Array.from({ length: stages }, (_, stage) => ({
    layers: chunks
      .filter(({ chunk }) => chunk % stages === stage)
      .flatMap(({ first, last, chunk }) => {
        const run = { ...strategy, virtualStage: Math.floor(chunk / stages) };
        const blocks = { first: Math.max(first, 1), last: Math.min(last, layers - 2) };
        return [
          ...(first === 0 ? [aRun({ ...run, first, last: first, recomputation: 'None' })] : []),
          ...(blocks.first <= blocks.last ? [aRun({ ...run, ...blocks })] : []),
          ...(last === layers - 1 ? [aRun({ ...run, first: last, last, recomputation: 'None' })] : []),
        ];
      }),
  }));
}

const TP2_ZERO1 = { tensor: 2, sequenceParallel: true, shards: 4, zeroStage: 1 } as const;

const QWEN2 = {
  model_type: 'qwen2',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: 6,
  num_attention_heads: 16,
  num_key_value_heads: 4,
  vocab_size: 32000,
  max_position_embeddings: 4096,
  rope_theta: 1000000,
  rms_norm_eps: 0.000001,
};

const GPT2 = { model_type: 'gpt2', n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024, vocab_size: 50257 };

export const CASES: readonly EngineCase[] = [
  aCase('megatron-uneven', {
    engine: 'megatron',
    model: { preset: 'llama-2-7b' },
    plan: { microBatches: 8, stages: alike({ ...TP2_ZERO1, recomputation: 'Selective' }, 34, [17]) },
  }),
  aCase('megatron-interleaved', {
    engine: 'megatron',
    model: { preset: 'gpt-3-175b' },
    training: { sequenceLength: 2048, precision: 'FP16' },
    plan: {
      gpus: 64,
      microBatches: 8,
      schedule: 'Interleaved1F1B',
      virtualStages: 2,
      stages: alike({ tensor: 8, replicas: 2, recomputation: 'Full' }, 98, [13, 25, 37, 49, 61, 73, 85], 4),
    },
  }),
  aCase('megatron-fsdp', {
    engine: 'megatron',
    model: { config: QWEN2 },
    plan: { gpus: 8, stages: alike({ shards: 4, replicas: 2 }, 8, []) },
  }),
  aCase('torchtitan-fsdp', {
    engine: 'torchtitan',
    model: { preset: 'llama-3-8b' },
    plan: {
      stages: alike({ tensor: 2, sequenceParallel: true, shards: 4, replicas: 2, recomputation: 'Full' }, 34, []),
    },
  }),
  aCase('torchtitan-uneven', {
    engine: 'torchtitan',
    model: { preset: 'llama-3-8b' },
    plan: { microBatches: 8, stages: alike({ tensor: 2, shards: 2, zeroStage: 1 }, 34, [9, 18, 27]) },
  }),
  aCase('torchtitan-interleaved', {
    engine: 'torchtitan',
    model: { preset: 'llama-3-8b' },
    training: { sequenceLength: 4096, precision: 'FP32' },
    plan: {
      schedule: 'Interleaved1F1B',
      virtualStages: 2,
      stages: alike({ replicas: 8 }, 34, [8, 16, 25], 2),
    },
  }),
  aCase('galvatron-mixed', {
    engine: 'galvatron',
    model: { preset: 'llama-7b' },
    training: { sequenceLength: 2048 },
    plan: {
      stages: [
        {
          layers: [
            aRun({ first: 0, last: 0, tensor: 2, sequenceParallel: true, shards: 4 }),
            aRun({ first: 1, last: 10, tensor: 4, sequenceParallel: true, replicas: 2, recomputation: 'Full' }),
            aRun({ first: 11, last: 15, shards: 8 }),
          ],
        },
        {
          layers: [
            aRun({ first: 16, last: 32, tensor: 8, sequenceParallel: true }),
            aRun({ first: 33, last: 33, tensor: 2, sequenceParallel: true, shards: 4 }),
          ],
        },
      ],
    },
  }),
  aCase('galvatron-zero2', {
    engine: 'galvatron',
    model: { preset: 'vit-huge' },
    training: {},
    plan: {
      gpus: 8,
      microBatches: 1,
      stages: [
        {
          layers: [
            aRun({ first: 0, last: 20, shards: 8, zeroStage: 2 }),
            aRun({ first: 21, last: 32, tensor: 2, shards: 4 }),
            aRun({ first: 33, last: 33, shards: 8, zeroStage: 2 }),
          ],
        },
      ],
    },
  }),
  aCase('galvatron-gpipe', {
    engine: 'galvatron',
    model: { config: GPT2 },
    training: { sequenceLength: 1024, precision: 'FP32' },
    plan: { gpus: 8, schedule: 'GPipe', stages: alike({ tensor: 2, sequenceParallel: true, replicas: 2 }, 14, [7]) },
  }),
];
