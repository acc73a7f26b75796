/**
 * A plan for Hetu-Galvatron 2.4: its JSON file of a strategy for each block (galvatron/core/runtime/hybrid_parallel_config.py),
 * and flags for what is not in the file. The size of the model stays the user's (`--model_size`).
 *
 * It counts ranks as ours does (galvatron/core/runtime/comm_groups.py, with `tp_consecutive_flags` 1): stages, data-parallel
 * ranks, tensor. Layers that are no blocks share one strategy, and stand on the stage of the block after them.
 */
import { invariant } from '../../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { Engine, EngineFile, EngineJob } from './engine.ts';
import { checkGalvatron, TIED_FAMILY } from './galvatron-limits.ts';
import { oneSplit, type Split } from './limits.ts';
import { plannedLayers, tiesHead, type PlannedLayer } from './planned-layers.ts';
import { given, HERE, script, when, type Flag } from './script.ts';

/** Galvatron's package for each family (galvatron/models). */
const PACKAGES: Readonly<Record<string, string>> = {
  llama: 'llama_hf',
  qwen2: 'llama_hf',
  gpt2: 'gpt_hf',
  bert: 'bert_hf',
  vit: 'vit_hf',
  swin: 'swin',
};

export const GALVATRON: Engine = {
  name: 'galvatron',
  title: 'Hetu-Galvatron 2.4',
  families: Object.keys(PACKAGES),
  precisions: ['BF16', 'FP16', 'FP32'],
  optimizers: ['AdamW', 'Adam'],
  files,
};

const PLAN_FILE = 'galvatron.json';

function files(job: EngineJob): readonly EngineFile[] {
  const { plan, model } = job;
  const layers = plannedLayers(plan, model);
  checkGalvatron(layers, job, GALVATRON);
  const program = PACKAGES[model.family];
  invariant(program, `${GALVATRON.title} has no package for ${model.family}`);
  return [
    { name: PLAN_FILE, content: `${JSON.stringify(strategies(plan, layers), undefined, 2)}\n` },
    script({
      name: 'galvatron.sh',
      about: [
        `Runs a plan of uniap with ${GALVATRON.title}.`,
        'Give --model_size and what else training needs as arguments.',
      ],
      program: ['-m', `galvatron.models.${program}.train_dist`],
      flags: flags(job, layers),
    }),
  ];
}

/** The JSON file. Lists are joined by commas, with one entry a block. */
function strategies(
  plan: ParallelPlanSpec,
  layers: readonly PlannedLayer[],
): Readonly<Record<string, string | number>> {
  const blocks = layers.filter(({ isBlock }) => isBlock);
  const others = layers.filter(({ isBlock }) => !isBlock);
  const ends = oneSplit(others, GALVATRON, 'embedding and head');
  const perBlock = (entry: (run: LayerRun) => number): string => blocks.map(({ run }) => entry(run)).join(',');
  const perStage = plan.stages.map((_, stage) => blocks.filter((block) => block.stage === stage).length);
  return {
    pp_deg: plan.stages.length,
    tp_sizes_enc: perBlock(({ tensor }) => tensor),
    tp_consecutive_flags: perBlock(() => 1),
    dp_types_enc: perBlock(fullySharded),
    checkpoint: perBlock(recomputed),
    pp_division: perStage.join(','),
    vtp: ends.tensor,
    // 2.4.0 reads embed_sdp, its successors vocab_sdp.
    embed_sdp: fullySharded(ends),
    vocab_sdp: fullySharded(ends),
    global_bsz: plan.globalBatchSize,
    chunks: plan.microBatches,
    pipeline_type: plan.schedule === 'GPipe' ? 'gpipe' : 'pipedream_flush',
    default_dp_type: defaultDataType(layers),
  };
}

/** Whether a layer is under ZeRO-3, else under the plan's default. */
function fullySharded({ shards, zeroStage }: Split): 0 | 1 {
  return shards > 1 && zeroStage === 3 ? 1 : 0;
}

function recomputed({ recomputation }: LayerRun): 0 | 1 {
  return recomputation === 'None' ? 0 : 1;
}

/** How layers that are not under ZeRO-3 use their data-parallel ranks: all as replicas, or all under ZeRO-2. */
function defaultDataType(layers: readonly PlannedLayer[]): 'ddp' | 'zero2' {
  return layers.some(({ run }) => run.shards > 1 && run.zeroStage === 2) ? 'zero2' : 'ddp';
}

function flags({ plan, training: { precision }, model }: EngineJob, layers: readonly PlannedLayer[]): Flag[] {
  const runs = layers.map(({ run }) => run);
  const keepsShards = plan.microBatches > 1 && runs.some(({ shards }) => shards > 1);
  return [
    ['--galvatron_config_path', `${HERE}/${PLAN_FILE}`],
    ['--mixed_precision', precision.toLowerCase()],
    // The cost model sums gradients at 32 bits.
    ['--reduce_in_fp32'],
    ...when(
      runs.some(({ sequenceParallel }) => sequenceParallel),
      ['--sequence-parallel'],
    ),
    // Else whole gradients are kept from the first micro-batch to the last. Replicas then sum theirs as often too.
    ...when(keepsShards, ['--no_async_grad_reduce']),
    ...modelFlags(model),
  ];
}

function modelFlags(model: EngineJob['model']): Flag[] {
  const { family, tokensPerSample } = model;
  return [
    ...when(tokensPerSample !== null, ['--set_seqlen_manually', 1]),
    ...given('--seq_length', tokensPerSample),
    ...when(family === TIED_FAMILY && !tiesHead(model), ['--untie-embeddings-and-output-weights']),
  ];
}
