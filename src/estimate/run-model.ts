/** The model of a run: a decoder of the operators that the model families are made of. */
import { attention } from '../model/attention.ts';
import { assemble, repeated, single } from '../model/chain.ts';
import { languageHead } from '../model/head.ts';
import { CROSS_ENTROPY_FLOAT32, CROSS_ENTROPY_IN_PLACE, CROSS_ENTROPY_PARALLEL, RMS_NORM } from '../model/kernels.ts';
import type { Model, Operator } from '../model/layer.ts';
import { dropout, elementwise, feedForward, layerNorm, lookup, residual } from '../model/operators.ts';
import { tensorDegrees } from '../model/tensor-degrees.ts';
import type { Run, RunShape, RunSoftware } from './run.ts';

/**
 * With SwiGLU after Llama (RMS norms, rotary positions, no biases), else after GPT (layer norms, learned positions, biases). A
 * GPT without FlashAttention is taken to be trained as Megatron-LM does by default, with dropout of a tenth.
 */
export function modelOfRun({ shape, software }: Pick<Run, 'shape' | 'software'>): Model {
  const { hidden, tokens, layers, vocabulary, tied } = shape;
  const outputElements = tokens * hidden;
  const drops = shape.activation === 'gelu' && !software.flashAttention;
  const operators = block(shape, software, drops);
  const degrees = { tensorDegrees: tensorDegrees(operators), outputElements };
  const head = [
    norm(shape, software, 'norm'),
    ...languageHead({ rows: tokens, hidden, vocabulary, loss: LOSSES[software.loss], tied }),
  ];
  return assemble({ name: shape.name, family: 'decoder', tokensPerSample: tokens }, [
    single('embedding', { ...degrees, operators: embedding(shape, drops) }),
    repeated('block', layers, { ...degrees, operators }),
    single('head', { ...degrees, operators: head, outputElements: 1 }),
  ]);
}

const DROPOUT = 0.1;

const LOSSES = {
  float32: CROSS_ENTROPY_FLOAT32,
  'in-place': CROSS_ENTROPY_IN_PLACE,
  parallel: CROSS_ENTROPY_PARALLEL,
} as const;

function isLlama({ activation }: RunShape): boolean {
  return activation === 'swiglu';
}

function embedding(shape: RunShape, drops: boolean): readonly Operator[] {
  const { hidden: width, vocabulary, tokens } = shape;
  const elements = tokens * width;
  const table = lookup('token-embedding', { rows: tokens, entries: vocabulary, width, split: 'entries' });
  if (shape.activation !== 'gelu') return [table];
  return [
    table,
    lookup('position-embedding', { rows: tokens, entries: tokens, width }),
    residual('embedding-sum', elements),
    ...dropout('embedding-dropout', elements, drops ? DROPOUT : 0),
  ];
}

function block(shape: RunShape, software: RunSoftware, drops: boolean): readonly Operator[] {
  const { hidden, heads, keyValueHeads, tokens } = shape;
  const elements = tokens * hidden;
  const bias = shape.activation === 'gelu';
  const probability = drops ? DROPOUT : 0;
  return [
    norm(shape, software, 'attention-norm'),
    ...attention({
      rows: tokens,
      hidden,
      heads,
      keyValueHeads,
      headDimension: hidden / heads,
      inputBias: bias,
      outputBias: bias,
      causal: true,
      rotary: !bias,
      materialised: !software.flashAttention,
      dropout: probability,
    }),
    ...dropout('attention-dropout', elements, probability),
    residual('attention-residual', elements),
    norm(shape, software, 'feed-forward-norm'),
    ...feedForward({
      rows: tokens,
      hidden,
      intermediate: shape.feedForward,
      // A squared ReLU reads, writes and keeps as much as GELU does.
      activation: isLlama(shape) ? 'silu' : 'gelu',
      gated: isLlama(shape),
      bias,
    }),
    ...dropout('feed-forward-dropout', elements, probability),
    residual('feed-forward-residual', elements),
  ];
}

function norm(shape: RunShape, { fusedNorm }: RunSoftware, name: string): Operator {
  const { hidden, tokens } = shape;
  if (!isLlama(shape)) return layerNorm(name, tokens, hidden);
  const one = fusedNorm === true ? RMS_NORM.fused : RMS_NORM.eager;
  const kernels = fusedNorm === null ? RMS_NORM : { eager: one, fused: one };
  return elementwise(name, kernels, { elements: tokens * hidden, parameters: hidden, region: 'sequence' });
}
