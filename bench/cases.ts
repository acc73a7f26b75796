/** What is planned: jobs on nodes. */
import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { gpuNodes, nodesToYaml, type NodeKindName } from '../test/cluster/nodes/gpu-nodes.ts';

export interface Case {
  /** Of the model, for people. */
  readonly model: string;
  /** Of the GPUs, for people. */
  readonly gpus: string;
  /** A TrainingJob, as YAML. */
  readonly job: string;
  /** Nodes, as `kubectl get nodes -o yaml` prints them. */
  readonly nodes: string;
}

const EXAMPLES = new URL('../examples/', import.meta.url);

async function example(path: string): Promise<string> {
  return readFile(new URL(path, EXAMPLES), 'utf8');
}

const MODELS = ['bert-huge', 't5-large', 'vit-huge', 'swin-huge', 'llama-7b', 'llama-13b'] as const;
const ENVIRONMENTS = [
  ['8 × V100', '1x8-v100'],
  ['2 × 4 TITAN Xp', '2x4-titan-xp'],
  ['8 × A100 40GB', '1x8-a100'],
] as const;

/** Cells of the paper's tables; Llama on TITAN Xp, which no plan fits, is left out. */
export async function paperCases(): Promise<readonly Case[]> {
  const cells = MODELS.flatMap((model) => ENVIRONMENTS.map(([gpus, nodes]) => ({ model, gpus, nodes })));
  return Promise.all(
    cells
      .filter(({ model, nodes }) => !(model.startsWith('llama') && nodes === '2x4-titan-xp'))
      .map(async ({ model, gpus, nodes }) => ({
        model,
        gpus,
        job: await example(`${model}.yaml`),
        nodes: await example(`nodes/${nodes}.yaml`),
      })),
  );
}

interface Wanted {
  readonly model: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly batch: number;
  readonly tokens: number;
  readonly nodes: number;
  readonly kind?: NodeKindName;
  readonly planning?: Readonly<Record<string, unknown>>;
}

const GPUS_PER_NODE = 8;

/** A job on nodes of eight GPUs, generated. */
export function aCase({ model, name, batch, tokens, nodes, kind = 'dgx-h100', planning }: Wanted): Case {
  const gpus = nodes * GPUS_PER_NODE;
  const job = {
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'TrainingJob',
    metadata: { name: 'bench' },
    spec: {
      model,
      training: { globalBatchSize: batch, sequenceLength: tokens, precision: 'BF16' },
      resources: { gpus },
      template: { image: 'registry.example.com/training:1.0' },
      ...(planning && { planning }),
    },
  };
  const product = kind === 'dgx-a100' ? 'A100' : 'H100';
  return {
    model: name,
    gpus: `${gpus.toLocaleString('en')} × ${product}`,
    job: stringify(job),
    nodes: nodesToYaml(gpuNodes(kind, { count: nodes })),
  };
}

export function largeCases(): readonly Case[] {
  const llama = (nodes: number): Case => llamaCase({ nodes });
  return [
    ...[1, 2, 4, 8].map(llama),
    aCase({ model: { preset: 'llama-3-70b' }, name: 'llama-3-70b', batch: 512, tokens: 8192, nodes: 16 }),
    aCase({ model: { preset: 'gpt-3-175b' }, name: 'gpt-3-175b', batch: 1536, tokens: 2048, nodes: 128 }),
    aCase({ model: { preset: 'llama-3.1-405b' }, name: 'llama-3.1-405b', batch: 2048, tokens: 8192, nodes: 2048 }),
  ];
}

/** Llama-2-7B on A100, with as many blocks as asked for. */
function llamaCase(changes: Partial<Wanted> & { readonly blocks?: number }): Case {
  const { blocks = 32, ...rest } = changes;
  const shape = { hidden_size: 4096, intermediate_size: 11008, num_attention_heads: 32, vocab_size: 32000 };
  const config = { model_type: 'llama', num_hidden_layers: blocks, max_position_embeddings: 4096, ...shape };
  return aCase({
    model: blocks === 32 ? { preset: 'llama-2-7b' } : { config },
    name: 'llama-2-7b',
    batch: 128,
    tokens: 4096,
    nodes: 2,
    kind: 'dgx-a100',
    ...rest,
  });
}

/** How the search grows with one thing, all else being Llama-2-7B on 16 A100. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly case: Case }[];
}

export function growthSeries(): readonly Series[] {
  const series = (name: string, values: readonly number[], of: (value: number) => Case): Series => ({
    name,
    points: values.map((x) => ({ x, case: of(x) })),
  });
  return [
    series('GPUs', [8, 16, 32, 64, 128, 256, 512], (gpus) => llamaCase({ nodes: gpus / GPUS_PER_NODE, batch: 512 })),
    series('blocks', [8, 16, 32, 64, 128], (blocks) => llamaCase({ blocks })),
    series('global batch size', [16, 64, 256, 1024], (batch) => llamaCase({ batch })),
    { name: 'strategies', points: STRATEGY_SETS.map((planning, x) => ({ x, case: llamaCase({ planning }) })) },
  ];
}

/** Each allows more than the one before; how many strategies a layer has is counted, not known here. */
const STRATEGY_SETS = [
  { parallelisms: ['Pipeline', 'Data'], zeroStages: [3], recomputations: ['None'] },
  { parallelisms: ['Pipeline', 'Data', 'FullySharded'], zeroStages: [3], recomputations: ['None'] },
  { parallelisms: ['Pipeline', 'Data', 'FullySharded', 'Tensor'], zeroStages: [3], recomputations: ['None'] },
  { parallelisms: ['Pipeline', 'Data', 'FullySharded', 'Tensor'], zeroStages: [3], recomputations: ['None', 'Full'] },
  {
    parallelisms: ['Pipeline', 'Data', 'FullySharded', 'Tensor'],
    zeroStages: [1, 2, 3],
    recomputations: ['None', 'Selective', 'Full'],
  },
];
