/**
 * ViT (arXiv 2010.11929) for image classification: patches and a class token with learned positions, through an encoder with
 * layer norms before each part, to a classifier of the class token.
 */
import Type from 'typebox';
import { attention } from '../attention.ts';
import { repeated, single, type Run } from '../chain.ts';
import { Activation, Flag, LayerCount, Probability, Side, Size } from '../config/fields.ts';
import { configError, requireMultiple } from '../config/read-config.ts';
import { imageFamily, type Family } from '../family.ts';
import { area, classifier, extent, labels, patchProjection, LabelFields, type Extent } from '../image.ts';
import { RESIDUAL, VIEW_OF_ONE_TOKEN } from '../kernels.ts';
import type { Operator } from '../layer.ts';
import { dropout, elementwise, feedForward, layerNorm, residual } from '../operators.ts';
import { tensorDegrees } from '../tensor-degrees.ts';

const MODEL_TYPE = 'vit';

const schema = Type.Object({
  hidden_size: Size,
  intermediate_size: Size,
  num_hidden_layers: LayerCount,
  num_attention_heads: Size,
  image_size: Side,
  patch_size: Side,
  num_channels: Type.Optional(Size),
  qkv_bias: Type.Optional(Flag),
  hidden_act: Type.Optional(Activation),
  hidden_dropout_prob: Type.Optional(Probability),
  ...LabelFields,
});

type VitConfig = Type.Static<typeof schema>;

export const VIT: Family = imageFamily(MODEL_TYPE, { schema, layers });

function layers(config: VitConfig): readonly Run[] {
  const grid = patchGrid(config);
  const tokens = area(grid) + 1;
  const outputElements = tokens * config.hidden_size;
  const operators = block(config, tokens);
  const degrees = { tensorDegrees: tensorDegrees(operators), outputElements };
  return [
    single('embedding', { ...degrees, operators: embedding(config, grid) }),
    repeated('block', config.num_hidden_layers, { ...degrees, operators }),
    single('head', { ...degrees, operators: head(config, tokens), outputElements: 1 }),
  ];
}

/** Whole patches along each side; what is left over is cut off, as by the convolution. */
function patchGrid(config: VitConfig): Extent {
  const image = extent(config.image_size);
  const patch = extent(config.patch_size);
  const grid = { height: Math.floor(image.height / patch.height), width: Math.floor(image.width / patch.width) };
  if (area(grid) > 0) return grid;
  const problem = `patch_size ${JSON.stringify(config.patch_size)} is larger than image_size ${JSON.stringify(config.image_size)}`;
  throw configError(MODEL_TYPE, problem, 'give smaller patches');
}

function embedding(config: VitConfig, grid: Extent): readonly Operator[] {
  const { hidden_size: hidden, hidden_dropout_prob = 0, num_channels: channels = 3 } = config;
  const tokens = area(grid) + 1;
  const elements = tokens * hidden;
  return [
    patchProjection({ rows: area(grid), patch: extent(config.patch_size), channels, hidden }),
    // A class token, and a position for each token.
    elementwise('position-sum', RESIDUAL, { elements, parameters: (tokens + 1) * hidden, region: 'sequence' }),
    ...dropout('embedding-dropout', elements, hidden_dropout_prob),
  ];
}

function block(config: VitConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden, num_attention_heads: heads, hidden_dropout_prob = 0 } = config;
  requireMultiple(MODEL_TYPE, ['hidden_size', hidden], ['num_attention_heads', heads]);
  const elements = tokens * hidden;
  return [
    layerNorm('attention-norm', tokens, hidden),
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads: heads,
      headDimension: hidden / heads,
      inputBias: config.qkv_bias ?? true,
      outputBias: true,
      causal: false,
    }),
    ...dropout('attention-dropout', elements, hidden_dropout_prob),
    residual('attention-residual', elements),
    layerNorm('feed-forward-norm', tokens, hidden),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate: config.intermediate_size,
      activation: config.hidden_act ?? 'gelu',
      gated: false,
      bias: true,
    }),
    ...dropout('feed-forward-dropout', elements, hidden_dropout_prob),
    residual('feed-forward-residual', elements),
  ];
}

function head(config: VitConfig, tokens: number): readonly Operator[] {
  const { hidden_size: hidden } = config;
  return [
    layerNorm('norm', tokens, hidden),
    elementwise('class-token', VIEW_OF_ONE_TOKEN, { elements: tokens * hidden, region: 'sequence' }),
    classifier(hidden, labels(config), false),
  ];
}
