/**
 * What training engines can run, as limits on candidates and strategies, so that a plan is the best of those that its engine
 * can run. One row an engine; each limit was read from the code of the package named.
 */
import type { Layer } from '../model/layer.ts';
import type { Agreement, AgreementRule, Candidate, Strategy, Workload } from './workload.ts';

type Planning = Workload['planning'];

export interface EngineLimits {
  /** For more than one stage. */
  readonly schedules: readonly Planning['schedule'][];
  /** What layers must agree on, and the agreements of which one must hold besides. */
  readonly rules: readonly AgreementRule[];
  readonly choices: (candidate: Candidate) => readonly Agreement[];
  readonly hasStrategy: (strategy: Strategy, candidate: Candidate) => boolean;
  /** Whether this many key/value heads can be split by a tensor degree. */
  readonly splitsHeads: (keyValueHeads: number, tensor: number) => boolean;
  /** Whether sequence parallelism gives each rank as many positions of every sequence, instead of any tokens. */
  readonly splitsSequences: boolean;
  readonly hasCandidate: (candidate: Candidate, schedule: Planning['schedule']) => boolean;
  /** Whether stages may each hold a copy of a tied weight. */
  readonly tiesStages: boolean;
  /** Whether a stage must have a block, so that embedding and head never stand alone. */
  readonly blockInEachStage: boolean;
  /** Whether replicas sum their gradients in each micro-batch, instead of once a step. */
  readonly sumsEachMicroBatch: (candidate: Candidate) => boolean;
}

/** Reads the plan as it is (docs/annotations.md). */
const UNIAP: EngineLimits = {
  schedules: ['1F1B', 'GPipe', 'Interleaved1F1B'],
  rules: [],
  choices: () => [{}],
  hasStrategy: () => true,
  splitsHeads: () => true,
  splitsSequences: false,
  hasCandidate: () => true,
  tiesStages: true,
  blockInEachStage: false,
  sumsEachMicroBatch: () => false,
};

const ONE_SPLIT = ['tensor', 'sequenceParallel', 'replicas', 'shards', 'zeroStage'] as const;

/** Engines recompute blocks only. */
const ENDS_KEEP = { ends: { recomputation: 'None' } } as const satisfies Agreement;

const GALVATRON_REDUCTIONS: readonly Agreement[] = [
  { ...ENDS_KEEP, all: { shards: 1 } },
  { ...ENDS_KEEP, all: { replicas: 1 } },
];

/**
 * hetu-galvatron 2.4.0, galvatron/core/runtime/hybrid_parallel_config.py and arguments.py: a tensor degree, a kind of data
 * parallelism and recomputation for each block (`tp_sizes_enc`, `dp_types_enc`, `checkpoint`), one of each for what is no block
 * (`vtp`, `embed_sdp`), which stands beside a block; the kind is ZeRO-3, or one `default_dp_type` for the plan: `ddp` or
 * `zero2`. A layer's data-parallel ranks are all replicas or all shards. Gradients of all layers are reduced once a step, or on
 * each micro-batch (`--no_async_grad_reduce`), so that replicas stand beside shards only where there is one micro-batch.
 * Schedules `gpipe` and `pipedream_flush`.
 */
const GALVATRON: EngineLimits = {
  ...UNIAP,
  schedules: ['1F1B', 'GPipe'],
  rules: [{ group: 'ends', on: ONE_SPLIT }],
  choices: ({ microBatches }) => [
    ...GALVATRON_REDUCTIONS,
    // Replicas count as ZeRO-3 of one shard.
    ...(microBatches === 1 ? [{ ...ENDS_KEEP, all: { zeroStage: 3 } } as const] : []),
  ],
  hasStrategy: ({ replicas, shards, zeroStage, recomputation }) =>
    (replicas === 1 || shards === 1) && zeroStage !== 1 && recomputation !== 'Selective',
  splitsSequences: true,
  blockInEachStage: true,
};

const ONE_STRATEGY: readonly AgreementRule[] = [
  { group: 'all', on: ONE_SPLIT },
  { group: 'blocks', on: ['recomputation'] },
];

/**
 * torchtitan 0.3.0, torchtitan/config/configs.py and distributed/parallel_dims.py: one set of degrees for the whole model,
 * FSDP2 or hybrid sharding. Under torch's pipeline schedules it gathers parameters once a step and reduces gradients after
 * the last micro-batch, which is ZeRO-1; without pipelining `fsdp_reshard_after_forward` chooses ZeRO-2 or 3. Its selective
 * recomputation is of matrix products, not of the attention core. Without pipelining each micro-batch's backward pass sums gradients,
 * of replicas too. Attention is split by query and by key/value heads. 1F1B
 * takes as many micro-batches as stages (torch.distributed.pipelining); a tied weight must be on one stage.
 */
const TORCHTITAN: EngineLimits = {
  schedules: ['1F1B', 'GPipe', 'Interleaved1F1B'],
  rules: ONE_STRATEGY,
  choices: () => [ENDS_KEEP],
  hasStrategy: ({ shards, zeroStage, recomputation }, { stages }) =>
    (shards === 1 || (stages > 1 ? zeroStage === 1 : zeroStage !== 1)) && recomputation !== 'Selective',
  splitsHeads: (keyValueHeads, tensor) => keyValueHeads % tensor === 0,
  splitsSequences: true,
  hasCandidate: ({ stages, microBatches }, schedule) => stages === 1 || schedule === 'GPipe' || microBatches >= stages,
  tiesStages: false,
  blockInEachStage: false,
  sumsEachMicroBatch: ({ stages }) => stages === 1,
};

/**
 * megatron-core 0.19.2, megatron/training/arguments.py: one set of degrees for the whole model; with pipelining the distributed
 * optimizer (ZeRO-1) alone, without it `--use-megatron-fsdp` too; recomputation of all blocks or none. Stages as
 * `--pipeline-model-parallel-layout` says. Key/value heads are split among ranks or copied.
 */
const MEGATRON: EngineLimits = {
  schedules: ['1F1B', 'Interleaved1F1B'],
  rules: ONE_STRATEGY,
  choices: () => [ENDS_KEEP],
  hasStrategy: ({ shards, zeroStage }, { stages }) => shards === 1 || stages === 1 || zeroStage === 1,
  splitsHeads: (keyValueHeads, tensor) => keyValueHeads % tensor === 0 || tensor % keyValueHeads === 0,
  splitsSequences: true,
  hasCandidate: () => true,
  tiesStages: true,
  blockInEachStage: false,
  sumsEachMicroBatch: () => false,
};

const ENGINES: Readonly<Record<Planning['engine'], EngineLimits>> = {
  uniap: UNIAP,
  galvatron: GALVATRON,
  torchtitan: TORCHTITAN,
  megatron: MEGATRON,
};

export function engineLimits(engine: Planning['engine']): EngineLimits {
  return ENGINES[engine];
}

/** Whether an engine can split a layer so: along the sequence, only into equal parts. */
export function splitsTokens(
  engine: Planning['engine'],
  layer: Pick<Layer, 'operators'>,
  { tensor, sequenceParallel }: Pick<Strategy, 'tensor' | 'sequenceParallel'>,
): boolean {
  return !sequenceParallel || !engineLimits(engine).splitsSequences || tokensOf(layer) % tensor === 0;
}

/** Tokens of a sample that a layer's products read; 0 where it has none. */
export function tokensOf({ operators }: Pick<Layer, 'operators'>): number {
  return operators.find((operator) => operator.kind === 'matrix-product')?.rows ?? 0;
}
