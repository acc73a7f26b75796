/**
 * A training run in the form in which measured ones are exchanged, one JSON object each, read for its configuration alone: what
 * was measured (`step_time_s`, `tokens_per_s_per_gpu`, `peak_mem_gib`, `outcome`) is never looked at.
 */
import { UserError } from '../api/errors.ts';
import type { Software } from '../cost/software.ts';
import { asRow, countField, flagField, positiveField, required, textField, type Row } from './fields.ts';

export interface Run {
  readonly machine: RunMachine;
  readonly shape: RunShape;
  readonly precision: RunPrecision;
  readonly layout: RunLayout;
  readonly software: RunSoftware;
  /** What trained it, in lower case. */
  readonly framework: string;
}

export interface RunMachine {
  readonly device: string;
  /** Bytes; null where only the device's name says. */
  readonly memoryBytes: number | null;
  readonly gpus: number;
  readonly gpusPerNode: number;
  /** Bits a second out of a node; null where nothing says. */
  readonly networkBitsPerSecond: number | null;
  /** What the network is called, in lower case. */
  readonly network: string;
  /** What links the GPUs of a node, in lower case. */
  readonly nodeLink: string;
}

export interface RunShape {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly feedForward: number;
  readonly activation: 'gelu' | 'swiglu' | 'squared-relu';
  readonly vocabulary: number;
  readonly tokens: number;
  readonly tied: boolean;
}

export type RunPrecision = 'FP32' | 'FP16' | 'BF16';

export interface RunLayout {
  /** Sequences in a step. */
  readonly globalBatch: number;
  /** Sequences that a data-parallel rank works on at a time. */
  readonly microBatch: number;
  readonly tensor: number;
  readonly stages: number;
  readonly virtualStages: number;
  readonly data: number;
  /** What each of `shards` data-parallel ranks holds a share of: 1 optimizer states, 2 gradients too, 3 parameters too; 0 nothing. */
  readonly zeroStage: 0 | 1 | 2 | 3;
  readonly shards: number;
  readonly sequenceParallel: boolean;
  /** `Alternate`: every second layer, which is also what per-operator selection comes to (every second product is kept). */
  readonly recomputation: 'None' | 'Selective' | 'Alternate' | 'Full';
}

export interface RunSoftware {
  readonly flashAttention: boolean;
  /** Whether RMS norms are one kernel each; null where nothing says, so that they are as all else. */
  readonly fusedNorm: boolean | null;
  /** Cross entropy at 32 bits by one kernel, at the logits' precision in their place, or by a kernel for each step. */
  readonly loss: 'float32' | 'in-place' | 'parallel';
  /** What the training loop does. */
  readonly loop: Software;
}

/** @throws {UserError} naming the field that keeps the run from being priced */
export function readRun(value: unknown): Run {
  const row = asRow(value);
  refuseOther(row, 'cp', 'context parallelism');
  refuseOther(row, 'ep', 'expert parallelism');
  const degrees = readDegrees(row);
  requireLayers(row, degrees);
  return {
    machine: readMachine(row, degrees.gpus),
    shape: readShape(row),
    precision: readPrecision(row),
    layout: readLayout(row, degrees),
    framework: frameworkOf(row),
    software: {
      flashAttention: flagField(row, 'flash_attention') ?? true,
      fusedNorm: readFusedNorm(row),
      loss: readLoss(row),
      loop: readSoftware(row),
    },
  };
}

function refuseOther(row: Row, field: string, what: string): void {
  const degree = countField(row, field) ?? 1;
  if (degree > 1) {
    throw new UserError({ field, problem: `${what} of degree ${degree} is not modelled` });
  }
}

function requireLayers(row: Row, { stages }: Degrees): void {
  const layers = required(row, 'layers', MOST_LAYERS);
  const chunks = stages * (countField(row, 'vpp', MOST_LAYERS) ?? 1);
  if (chunks > layers) {
    throw new UserError({ field: 'layers', problem: `${layers} are too few for ${chunks} stages` });
  }
}

interface Degrees {
  readonly gpus: number;
  readonly tensor: number;
  readonly stages: number;
  readonly data: number;
}

/** GPUs and degrees; of the two that say how many ranks there are, one will do. */
function readDegrees(row: Row): Degrees {
  const [tensor, stages] = [countField(row, 'tp') ?? 1, countField(row, 'pp', MOST_LAYERS) ?? 1];
  const given = countField(row, 'dp');
  const gpus = countGpus(row) ?? (given ?? 1) * tensor * stages;
  if (gpus > MOST_GPUS) throw new UserError({ field: 'gpus', problem: `${gpus} is more than ${MOST_GPUS}` });
  const data = given ?? gpus / (tensor * stages);
  if (data * tensor * stages !== gpus || !Number.isInteger(data)) {
    throw new UserError({ field: 'gpus', problem: `tp ${tensor} × pp ${stages} × dp ${data} are not ${gpus} GPUs` });
  }
  return { gpus, tensor, stages, data };
}

function countGpus(row: Row): number | null {
  const [nodes, perNode] = [countField(row, 'nodes'), countField(row, 'gpus_per_node')];
  return countField(row, 'gpus', MOST_GPUS) ?? (nodes === null || perNode === null ? null : nodes * perNode);
}

const MOST_LAYERS = 4096;
const MOST_GPUS = 2 ** 20;
const USUAL_GPUS_PER_NODE = 8;
const GIBIBYTE = 2 ** 30;

function readMachine(row: Row, gpus: number): RunMachine {
  const device = textField(row, 'gpu');
  if (device === null) {
    throw new UserError({ field: 'gpu', problem: 'not given' });
  }
  const memory = positiveField(row, 'gpu_mem_gb');
  const bits = positiveField(row, 'inter_gbps_per_node');
  return {
    device,
    memoryBytes: memory === null ? null : memory * GIBIBYTE,
    gpus,
    gpusPerNode: Math.min(gpus, countField(row, 'gpus_per_node') ?? USUAL_GPUS_PER_NODE),
    networkBitsPerSecond: bits === null ? null : bits * 1e9,
    network: (textField(row, 'inter_link') ?? '').toLowerCase(),
    nodeLink: (textField(row, 'intra_link') ?? '').toLowerCase(),
  };
}

function readShape(row: Row): RunShape {
  const [hidden, heads] = [required(row, 'hidden'), required(row, 'heads')];
  const activation = readActivation(row);
  // Gated networks keep the parameters of others by two thirds of their width (arXiv 2002.05202).
  const feedForward = countField(row, 'ffn') ?? (activation === 'swiglu' ? Math.round((8 * hidden) / 3) : 4 * hidden);
  return {
    name: textField(row, 'model') ?? 'transformer',
    layers: required(row, 'layers', MOST_LAYERS),
    hidden,
    heads,
    keyValueHeads: countField(row, 'kv_heads') ?? heads,
    feedForward,
    activation,
    vocabulary: required(row, 'vocab'),
    tokens: required(row, 'seq_len'),
    tied: flagField(row, 'tied_embeddings') ?? activation === 'gelu',
  };
}

function readActivation(row: Row): RunShape['activation'] {
  const word = (textField(row, 'ffn_type') ?? 'gelu').toLowerCase();
  if (/glu|silu|swish|llama/.test(word)) return 'swiglu';
  return word.includes('squared') ? 'squared-relu' : 'gelu';
}

function readPrecision(row: Row): RunPrecision {
  const word = (textField(row, 'precision') ?? 'bf16').toLowerCase();
  if (/float8|fp8/.test(word)) return 'BF16';
  if (/bf16|bfloat16/.test(word)) return 'BF16';
  if (/fp16|float16|half/.test(word)) return 'FP16';
  return /fp32|float32|tf32/.test(word) ? 'FP32' : 'BF16';
}

/**
 * Scaled as a whole. Scaled by rows, what products gain goes into scaling: 70 billion parameters took as long as at 16 bits
 * (torchtitan, benchmarks/asyncTP_llama3_h100_2025-06_torchtitan.md).
 */
function usesFloat8(row: Row): boolean {
  const word = (textField(row, 'precision') ?? '').toLowerCase();
  return /float8|fp8/.test(word) && !word.includes('rowwise');
}

function readLayout(row: Row, { tensor, stages, data }: Degrees): RunLayout {
  const { zeroStage, shards } = readSharding(row, data);
  const given = countField(row, 'gbs');
  const microBatch = countField(row, 'mbs') ?? (given === null ? 1 : given / data);
  const globalBatch = given ?? microBatch * data;
  if (!Number.isInteger(globalBatch / (microBatch * data))) {
    throw new UserError({
      field: 'gbs',
      problem: `a batch of ${globalBatch} is no multiple of mbs ${microBatch} × dp ${data} = ${microBatch * data}`,
    });
  }
  return {
    globalBatch,
    microBatch,
    tensor,
    stages,
    virtualStages: countField(row, 'vpp', MOST_LAYERS) ?? 1,
    data,
    zeroStage,
    shards,
    sequenceParallel: tensor > 1 && (flagField(row, 'sp') ?? false),
    recomputation: readRecomputation(row),
  };
}

/** Where the form has no field for the ranks that ZeRO-1 splits states among, InternEvo's runs are named by them: `tp1-z8-64g`; -1 is all. */
const ZERO_GROUP = /-z(-?\d+)-/;

/** By the words of frameworks, else by the number. */
function readSharding(row: Row, data: number): Pick<RunLayout, 'zeroStage' | 'shards'> {
  const words = fsdpWords(row);
  const zeroStage = data === 1 ? 0 : zeroStageOf(row, words);
  const wanted = zeroStage === 0 ? 1 : (namedShards(row, words) ?? data);
  return { zeroStage, shards: data % wanted === 0 ? wanted : data };
}

function fsdpWords(row: Row): string {
  return (textField(row, 'fsdp') ?? '').toLowerCase();
}

/** Hybrid sharding shards inside a node, and so does ZeRO-1 in the configurations that InternEvo comes with (`zero1`, size 8). */
function namedShards(row: Row, words: string): number | null {
  const named = /shard=(\d+)/.exec(words)?.[1] ?? ZERO_GROUP.exec(textField(row, 'id') ?? '')?.[1];
  if (named !== undefined) return Number(named) > 0 ? Number(named) : null;
  const inside = words.includes('hybrid') || frameworkOf(row).includes('intern');
  return inside ? (countField(row, 'gpus_per_node') ?? USUAL_GPUS_PER_NODE) : null;
}

function zeroStageOf(row: Row, words: string): RunLayout['zeroStage'] {
  if (/shard_grad_op|zero-?2/.test(words)) return 2;
  if (/fsdp|full_shard|hybrid|zero-?3/.test(words)) return 3;
  const [one, two, three] = [1, 2, 3] as const;
  const given = [one, two, three].find((stage) => String(stage) === String(row.zero_stage));
  return given ?? (words.includes('distributed optimizer') ? 1 : 0);
}

function readRecomputation(row: Row): RunLayout['recomputation'] {
  const word = (textField(row, 'recompute') ?? 'none').toLowerCase();
  if (word.startsWith('full')) return 'Full';
  if (!word.startsWith('selective')) return 'None';
  return /per-op|every/.test(word) ? 'Alternate' : 'Selective';
}

function frameworkOf(row: Row): string {
  return (textField(row, 'framework') ?? '').toLowerCase();
}

const EAGER_NORM =
  /(?:no|without|unfused|eager|torch)[ _-](?:fused[ _-])?rms|rms[ _-]?norm(?:[ _-]kernel)?[ :=]*(?:off|false|no\b|none)/;
const FUSED_NORM = /rms[ _-]?norm[ _-]kernel|fused[ _-]rms/;

function readFusedNorm(row: Row): boolean | null {
  const words = kernelWords(row);
  if (EAGER_NORM.test(words)) return false;
  return FUSED_NORM.test(words) ? true : null;
}

/** What a run says of its kernels, in lower case. */
function kernelWords(row: Row): string {
  return `${textField(row, 'flash_attention') ?? ''} ${textField(row, 'notes') ?? ''}`.toLowerCase();
}

/** FlashAttention's is what llm-foundry and InternEvo use by default; Megatron-LM and what is made of it bring their own. */
function readLoss(row: Row): RunSoftware['loss'] {
  const framework = frameworkOf(row);
  if (/composer|intern/.test(framework)) return 'in-place';
  return framework.includes('megatron') ? 'parallel' : 'float32';
}

function readSoftware(row: Row): Software {
  const framework = frameworkOf(row);
  const gradientBytes = readGradientBytes(row, framework);
  return {
    kernels: fusesKernels(row, framework) ? 'fused' : 'eager',
    flashGeneration: readFlashGeneration(row, framework),
    recomputesOnlyNeeded: /fsdp|titan|composer/.test(framework) && (textField(row, 'date') ?? EARLY_STOP) >= EARLY_STOP,
    float8Products: usesFloat8(row),
    gradientBytes,
    addsGradientsInProducts: MEGATRON.test(framework),
    overlapsTensorExchange: framework.startsWith('nemo'),
    overlapsParameterGather: zeroStageOf(row, fsdpWords(row)) > 1 || fsdpWords(row).includes('overlap'),
    keepsStageOutputs: !MEGATRON.test(framework),
  };
}

/** Megatron-LM and what calls its core, but not Megatron-DeepSpeed, whose pipeline and optimizer are DeepSpeed's. */
const MEGATRON = /megatron(?!.*deepspeed)|nemo/;

/** Those whose optimizer sums gradients at 32 bits; NeMo's does at 16 (`grad_sync_dtype`). */
const SUMS_AT_32_BITS = /megatron(?!.*deepspeed)|titan/;

/**
 * By what the run says; else llm-foundry's Composer pinned FlashAttention 1.0 (its setup.py until 2024), and NeMo calls
 * Transformer Engine's kernels.
 */
function readFlashGeneration(row: Row, framework: string): Software['flashGeneration'] {
  const field = /^v?([123])/.exec((textField(row, 'flash_attention') ?? '').toLowerCase())?.[1];
  const words = kernelWords(row);
  const named = field ?? /(?:flash|fa)[ _-]?(?:att(?:entio)?n(?:tion)?)?[ _-]?v?([123])(?![0-9])/.exec(words)?.[1];
  const said = ([1, 2, 3] as const).find((generation) => String(generation) === named);
  return said ?? (framework.startsWith('nemo') ? 3 : /composer|intern/.test(framework) ? 1 : 2);
}

/**
 * Under PyTorch alone one kernel runs for each operation that a model writes. Programs that train with tensor and pipeline
 * parallelism bring fused ones (most are made from Megatron-LM), and so does Composer; compilers make them.
 */
const EAGER = /titan|torchtune|transformers|hugging|accelerate|lightning|litgpt|recipes|pytorch|fsdp/;
const FUSING = /megatron|nemo|intern|deepspeed|nanotron|composer/;

function fusesKernels(row: Row, framework: string): boolean {
  return (flagField(row, 'compile') ?? false) || FUSING.test(framework) || !EAGER.test(framework);
}

/** Month in which runs may have PyTorch 2.1, released in October 2023. */
const EARLY_STOP = '2023-11';

/** At 32 bits where the precision's words or the framework say so, else at that of computation. */
function readGradientBytes(row: Row, framework: string): 2 | 4 {
  const words = (textField(row, 'precision') ?? '').toLowerCase();
  if (/fp32 grad|mode default|fp32$/.test(words)) return 4;
  return readPrecision(row) === 'BF16' && SUMS_AT_32_BITS.test(framework) ? 4 : 2;
}
