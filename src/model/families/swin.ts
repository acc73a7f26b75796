/**
 * Swin Transformer (arXiv 2103.14030) for image classification: attention within windows, with relative position biases.
 * From stage to stage patches merge four to one, so that tokens quarter and widths double.
 *
 * Stages of the network are `resolution-1`, `resolution-2`, …, so as not to be taken for pipeline stages. Patch merging is a
 * layer of its own, not split by tensor parallelism.
 */
import Type from 'typebox';
import { attention } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Activation, Flag, Probability, Ratio, Side, Size, sizeList } from '../config/fields.ts';
import { configError, requireMultiple } from '../config/read-config.ts';
import { imageFamily, type Family } from '../family.ts';
import { area, classifier, extent, labels, patchProjection, LabelFields, type Extent } from '../image.ts';
import { RESIDUAL, WINDOWS } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { dropout, elementwise, feedForward, layerNorm, lookup, product, residual } from '../operators.ts';
import { commonDegrees } from '../tensor-degrees.ts';

const MODEL_TYPE = 'swin';

const schema = Type.Object({
  embed_dim: Size,
  depths: sizeList('the blocks of each stage'),
  num_heads: sizeList('the attention heads of each stage'),
  window_size: Size,
  mlp_ratio: Type.Optional(Ratio),
  qkv_bias: Type.Optional(Flag),
  image_size: Side,
  patch_size: Side,
  num_channels: Type.Optional(Size),
  use_absolute_embeddings: Type.Optional(Flag),
  hidden_act: Type.Optional(Activation),
  hidden_dropout_prob: Type.Optional(Probability),
  attention_probs_dropout_prob: Type.Optional(Probability),
  ...LabelFields,
});

type SwinConfig = Type.Static<typeof schema>;

/** One of the network's stages. */
interface Stage {
  readonly index: number;
  readonly depth: number;
  readonly hidden: number;
  readonly heads: number;
  /** Tokens along each side. */
  readonly grid: Extent;
}

export const SWIN: Family = imageFamily(MODEL_TYPE, { schema, layers });

function layers(config: SwinConfig): readonly Run[] {
  const runs = stages(config).map((stage) => stageRun(config, stage));
  const degreesAround = (index: number) =>
    commonDegrees(
      [runs[index - 1], runs[index]].flatMap((run) => (run === undefined ? [] : [run.blocks.tensorDegrees])),
    );
  const last = runs.length - 1;
  return [
    ...runs.flatMap(({ stage, blocks }, index) => [entrance(config, stage, degreesAround(index)), blocks]),
    ...runs.slice(last).map(({ stage }) => head(config, stage, degreesAround(last + 1))),
  ];
}

function stages(config: SwinConfig): readonly Stage[] {
  const { depths, num_heads: heads } = config;
  if (depths.length !== heads.length) {
    const problem = `depths has ${depths.length} stages and num_heads has ${heads.length}`;
    throw configError(MODEL_TYPE, problem, 'give one number for each stage in both');
  }
  const image = extent(config.image_size);
  const patch = extent(config.patch_size);
  return depths.map((depth, index) => ({
    index,
    depth,
    hidden: config.embed_dim * 2 ** index,
    heads: heads[index] ?? depth,
    grid: {
      height: halved(Math.ceil(image.height / patch.height), index),
      width: halved(Math.ceil(image.width / patch.width), index),
    },
  }));
}

/** An odd side is padded before it is halved. */
function halved(side: number, times: number): number {
  return Math.ceil(side / 2 ** times);
}

function stageRun(config: SwinConfig, stage: Stage): { readonly stage: Stage; readonly blocks: Run } {
  const outputElements = area(stage.grid) * stage.hidden;
  const shape = { operators: block(config, stage), outputElements };
  return { stage, blocks: repeated(`resolution-${stage.index + 1}`, stage.depth, shape) };
}

/** What stands before the blocks of a stage: the embedding of patches, or the merging of the previous stage's. */
function entrance(config: SwinConfig, stage: Stage, degrees: readonly number[]): Run {
  const shape = { tensorDegrees: degrees, outputElements: area(stage.grid) * stage.hidden };
  return stage.index === 0
    ? single('embedding', { ...shape, operators: embedding(config, stage) })
    : single(`merging-${stage.index}`, { ...shape, operators: merging(stage) });
}

function embedding(config: SwinConfig, { grid, hidden }: Stage): readonly Operator[] {
  const { num_channels: channels = 3, hidden_dropout_prob = 0, use_absolute_embeddings: absolute = false } = config;
  const rows = area(grid);
  const elements = rows * hidden;
  return [
    patchProjection({ rows, patch: extent(config.patch_size), channels, hidden }),
    layerNorm('embedding-norm', rows, hidden),
    ...(absolute
      ? [elementwise('position-sum', RESIDUAL, { elements, parameters: elements, region: 'sequence' })]
      : []),
    ...dropout('embedding-dropout', elements, hidden_dropout_prob),
  ];
}

/** Four neighbours side by side, normalised and projected to twice the width that each had. */
function merging({ grid, hidden }: Stage): readonly Operator[] {
  const rows = area(grid);
  return [
    layerNorm('merging-norm', rows, 2 * hidden),
    product('merging', { input: 'merged', rows, inner: 2 * hidden, columns: hidden, split: 'none' }),
  ];
}

function block(config: SwinConfig, stage: Stage): readonly Operator[] {
  const { hidden, heads, grid } = stage;
  const { hidden_dropout_prob = 0, mlp_ratio: ratio = 4 } = config;
  requireMultiple(MODEL_TYPE, [`width of stage ${stage.index + 1}`, hidden], ['num_heads', heads]);
  const window = Math.min(config.window_size, grid.height, grid.width);
  const windows = Math.ceil(grid.height / window) * Math.ceil(grid.width / window);
  const elements = area(grid) * hidden;
  return [
    layerNorm('attention-norm', area(grid), hidden),
    elementwise('windows', WINDOWS, { elements, region: 'sequence' }),
    lookup('position-bias', { rows: 0, entries: (2 * config.window_size - 1) ** 2, width: heads }),
    ...attention({
      rows: windows * window ** 2,
      hidden,
      heads,
      keyValueHeads: heads,
      headDimension: hidden / heads,
      inputBias: config.qkv_bias ?? true,
      outputBias: true,
      causal: false,
      scoreBias: true,
      dropout: config.attention_probs_dropout_prob ?? 0,
      sequences: windows,
    }),
    ...dropout('attention-dropout', elements, hidden_dropout_prob),
    residual('attention-residual', elements),
    layerNorm('feed-forward-norm', area(grid), hidden),
    ...feedForward({
      rows: area(grid),
      hidden,
      intermediate: Math.floor(ratio * hidden),
      activation: config.hidden_act ?? 'gelu',
      gated: false,
      bias: true,
    }),
    ...dropout('feed-forward-dropout', elements, hidden_dropout_prob),
    residual('feed-forward-residual', elements),
  ];
}

function head(config: SwinConfig, { grid, hidden }: Stage, degrees: readonly number[]): Run {
  return single('head', {
    tensorDegrees: degrees,
    outputElements: 1,
    operators: [layerNorm('norm', area(grid), hidden), classifier(hidden, labels(config), true)],
  });
}
