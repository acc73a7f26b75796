/**
 * A plan for Megatron-LM (megatron-core 0.19): flags of its pretrain_gpt.py (megatron/training/arguments.py), the model's
 * sizes with them.
 *
 * It counts ranks as ours does (megatron/core/parallel_state.py, order tp-cp-ep-dp-pp): stages, replicas, shards, tensor.
 */
import type { LayerRun } from '../../api/parallel-plan.ts';
import type { Engine, EngineFile, EngineJob } from './engine.ts';
import { checkLimits, oneRecomputation, oneSplit, type Split } from './limits.ts';
import { megatronModel, MEGATRON_FAMILIES } from './megatron-model.ts';
import { chunksOf, plannedLayers, type PlannedLayer } from './planned-layers.ts';
import { script, when, type Flag } from './script.ts';

export const MEGATRON: Engine = {
  name: 'megatron',
  title: 'Megatron-LM (core 0.19)',
  families: MEGATRON_FAMILIES,
  precisions: ['BF16', 'FP16', 'FP32'],
  optimizers: ['AdamW', 'Adam', 'SGD', 'Momentum'],
  files,
};

function files(job: EngineJob): readonly EngineFile[] {
  const { plan, model } = job;
  const layers = plannedLayers(plan, model);
  const split = oneSplit(layers, MEGATRON, 'all layers');
  checkLimits(layers, job, MEGATRON);
  const fullySharded = usesFsdp(split);
  return [
    script({
      name: 'megatron.sh',
      about: [
        `Runs a plan of uniap with ${MEGATRON.title}, in its folder.`,
        'Give data, tokenizer, learning rate and what else training needs as arguments.',
      ],
      // Megatron-LM asks for it before Blackwell: so kernels start in the order in which communication needs them.
      environment: split.tensor > 1 && !fullySharded ? { CUDA_DEVICE_MAX_CONNECTIONS: '1' } : {},
      program: ['pretrain_gpt.py'],
      flags: [
        ...megatronModel(job),
        ...trainingFlags(job, split),
        ['--tensor-model-parallel-size', split.tensor],
        ...when(split.sequenceParallel, ['--sequence-parallel']),
        ['--pipeline-model-parallel-size', plan.stages.length],
        ...when(plan.stages.length > 1, ['--pipeline-model-parallel-layout', layout(layers)]),
        ...dataParallelism(split, fullySharded),
        ...RECOMPUTATION[oneRecomputation(layers, MEGATRON)],
      ],
    }),
  ];
}

/** Full recomputation of every block: as many units as blocks. */
const RECOMPUTATION: Readonly<Record<LayerRun['recomputation'], readonly Flag[]>> = {
  None: [],
  Selective: [
    ['--recompute-granularity', 'selective'],
    ['--recompute-modules', 'core_attn'],
  ],
  Full: [
    ['--recompute-granularity', 'full'],
    ['--recompute-method', 'uniform'],
    ['--recompute-num-layers', 1],
  ],
};

/** ZeRO-1 is Megatron-LM's distributed optimizer, 2 and 3 are Megatron-FSDP. */
function usesFsdp({ shards, zeroStage }: Split): boolean {
  return shards > 1 && zeroStage !== 1;
}

function dataParallelism({ replicas, shards, zeroStage }: Split, fullySharded: boolean): Flag[] {
  const strategy = zeroStage === 3 ? 'optim_grads_params' : 'optim_grads';
  return [
    ...when(replicas * shards > 1, ['--overlap-grad-reduce']),
    ...when(shards > 1, ['--use-distributed-optimizer'], ['--overlap-param-gather']),
    ...when(shards > 1 && replicas > 1, ['--num-distributed-optimizer-instances', replicas]),
    ...when(
      fullySharded,
      ['--use-megatron-fsdp'],
      ['--data-parallel-sharding-strategy', strategy],
      // The cost model keeps gradients at 32 bits.
      ['--megatron-fsdp-main-grads-dtype', 'fp32'],
      ['--ckpt-format', 'fsdp_dtensor'],
    ),
  ];
}

/** `Et*16|t*16L`: embedding, blocks and head (with the loss) of each chunk, in the order of the model. */
function layout(layers: readonly PlannedLayer[]): string {
  return chunksOf(layers)
    .map((chunk) => {
      const blocks = chunk.filter(({ isBlock }) => isBlock).length;
      const has = (name: string): boolean => chunk.some((layer) => layer.name === name);
      return `${has('embedding') ? 'E' : ''}${blocks === 0 ? '' : `t*${blocks}`}${has('head') ? 'L' : ''}`;
    })
    .join('|');
}

const PRECISIONS = {
  BF16: [['--bf16']],
  // Gradients at 32 bits, which BF16 has by default.
  FP16: [['--fp16'], ['--accumulate-allreduce-grads-in-fp32']],
  FP32: [],
} as const satisfies Record<EngineJob['training']['precision'], readonly Flag[]>;

/** Adam is decoupled from weight decay there, so that it is AdamW, and Adam where there is none. */
const OPTIMIZERS = {
  AdamW: [['--optimizer', 'adam']],
  Adam: [
    ['--optimizer', 'adam'],
    ['--weight-decay', 0],
  ],
  SGD: [
    ['--optimizer', 'sgd'],
    ['--sgd-momentum', 0],
  ],
  Momentum: [['--optimizer', 'sgd']],
} as const satisfies Record<EngineJob['training']['optimizer'], readonly Flag[]>;

function trainingFlags({ plan, training: { precision, optimizer } }: EngineJob, split: Split): Flag[] {
  const { globalBatchSize, microBatches } = plan;
  return [
    ['--micro-batch-size', globalBatchSize / (microBatches * split.replicas * split.shards)],
    ['--global-batch-size', globalBatchSize],
    ...PRECISIONS[precision],
    ...OPTIMIZERS[optimizer],
  ];
}
