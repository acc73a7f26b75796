/**
 * A plan for torchtitan 0.3: flags of its command line (torchtitan/config/configs.py, `--parallelism.*` and `--training.*`).
 * Model and recipe stay the user's: `--module` and `--config` name them (torchtitan/config/manager.py).
 *
 * Its mesh counts ranks as ours do (torchtitan/distributed/parallel_dims.py): stages, replicas, shards, tensor.
 */
import { invariant } from '../../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { Engine, EngineFile, EngineJob } from './engine.ts';
import { checkLimits, oneRecomputation, oneSplit, refusal, type Split } from './limits.ts';
import { chunksOf, plannedLayers, type PlannedLayer } from './planned-layers.ts';
import { script, type Flag } from './script.ts';

export const TORCHTITAN: Engine = {
  name: 'torchtitan',
  title: 'torchtitan 0.3',
  families: ['llama', 'mistral'],
  precisions: ['BF16', 'FP32'],
  optimizers: ['AdamW', 'Adam'],
  files,
};

/** torchtitan's names of activation checkpointing (torchtitan/distributed/activation_checkpoint.py); its `selective` is not ours. */
const CHECKPOINTING: Partial<Record<LayerRun['recomputation'], string>> = { None: 'none', Full: 'full' };

function files(job: EngineJob): readonly EngineFile[] {
  const { plan, model } = job;
  const layers = plannedLayers(plan, model);
  const split = oneSplit(layers, TORCHTITAN, 'all layers');
  checkLimits(layers, job, TORCHTITAN);
  checkBiases(job);
  const checkpointing = CHECKPOINTING[oneRecomputation(layers, TORCHTITAN)];
  invariant(checkpointing, 'torchtitan recomputes what its limits say');
  return [
    script({
      name: 'torchtitan.sh',
      about: [
        `Runs a plan of uniap with ${TORCHTITAN.title}.`,
        'Give --module and --config of the model and its recipe as arguments, and what else the recipe needs.',
      ],
      program: ['-m', 'torchtitan.train'],
      flags: [...parallelism(plan, split), ...training(job, split), ...pipelining(plan, split, layers)],
      subcommands: [`activation-checkpoint:${checkpointing}`],
    }),
  ];
}

function parallelism({ stages }: ParallelPlanSpec, split: Split): Flag[] {
  return [
    ['--parallelism.tensor-parallel-degree', split.tensor],
    [`--parallelism.${split.sequenceParallel ? '' : 'no-'}enable-sequence-parallel`],
    ['--parallelism.data-parallel-replicate-degree', split.replicas],
    ['--parallelism.data-parallel-shard-degree', split.shards],
    ['--parallelism.fsdp-reshard-after-forward', reshardAfterForward(split)],
    ['--parallelism.pipeline-parallel-degree', stages.length],
  ];
}

/**
 * FSDP2 gathers parameters and scatters gradients in each pass of each micro-batch; `never` keeps gathered parameters from
 * a forward pass to its backward pass. Under torch.distributed.pipelining (`backward_maybe_with_nosync`) `never` keeps them,
 * and whole gradients, from the first micro-batch to the last: ZeRO-1.
 */
function reshardAfterForward({ shards, zeroStage }: Split): 'always' | 'never' {
  return shards > 1 && zeroStage === 3 ? 'always' : 'never';
}

function training({ plan, model, training: { precision } }: EngineJob, split: Split): Flag[] {
  const samples = samplesPerRank(plan, split);
  const { tokensPerSample } = model;
  invariant(tokensPerSample, 'a language model reads tokens');
  return [
    // Under pipelining a rank is given all its micro-batches at once, else one for each step of gradient accumulation.
    ['--training.local-batch-size', plan.stages.length === 1 ? samples : samples * plan.microBatches],
    ['--training.global-batch-size', plan.globalBatchSize],
    ['--training.seq-len', tokensPerSample],
    ['--training.mixed-precision-param', precision === 'BF16' ? 'bfloat16' : 'float32'],
  ];
}

/** Samples of a micro-batch that a data-parallel rank computes. */
function samplesPerRank({ globalBatchSize, microBatches }: ParallelPlanSpec, { replicas, shards }: Split): number {
  return globalBatchSize / (microBatches * replicas * shards);
}

function pipelining(plan: ParallelPlanSpec, split: Split, layers: readonly PlannedLayer[]): Flag[] {
  if (plan.stages.length === 1) return [];
  return [
    ['--parallelism.pipeline-parallel-schedule', scheduleOf(plan)],
    ['--parallelism.pipeline-parallel-microbatch-size', samplesPerRank(plan, split)],
    [
      '--parallelism.module-fqns-per-model-part',
      ...chunksOf(layers).map((chunk) => chunk.flatMap(modulesOf).join(',')),
    ],
    // torchtitan refuses CUDA graphs under pipelining (torchtitan/trainer.py).
    ['--training.disable-cuda-graphs'],
  ];
}

/** An interleaved schedule of one chunk a stage is 1F1B, which torch.distributed.pipelining has a class of its own for. */
function scheduleOf({ schedule, virtualStages }: ParallelPlanSpec): ParallelPlanSpec['schedule'] {
  return schedule === 'Interleaved1F1B' && virtualStages === 1 ? '1F1B' : schedule;
}

/** Names of the modules of a layer (torchtitan/models/common/decoder.py). The embedding stands before the blocks. */
function modulesOf({ name, isBlock, index }: PlannedLayer): readonly string[] {
  if (isBlock) return [`layers.${index - 1}`];
  return name === 'embedding' ? ['tok_embeddings'] : ['norm', 'lm_head'];
}

function checkBiases({ config }: EngineJob): void {
  const bias = ['attention_bias', 'mlp_bias'].find((field) => config[field] === true);
  if (bias !== undefined) throw refusal(TORCHTITAN, 'spec.model', `has no ${bias} for Llama`, 'use another engine');
}
