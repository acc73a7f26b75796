/** Seconds of the attention core of one micro-batch on a rank: queries × keys, softmax, × values. */
import { operatorBackwardFlops, operatorForwardFlops } from '../model/counts/flops.ts';
import { operatorTraffic } from '../model/counts/memory-traffic.ts';
import { scoreHandling } from '../model/counts/scores.ts';
import { attentionShard } from '../model/counts/shard.ts';
import type { Attention } from '../model/layer.ts';
import type { Execution, PassSeconds } from './execution.ts';
import { attentionSeconds, elementwiseSeconds, productSeconds, type MatrixShape } from './kernels.ts';

export function attentionPasses(attention: Attention, execution: Execution): PassSeconds {
  return scoreHandling(attention, execution.kernels) === 'blockwise'
    ? blockwisePasses(attention, execution)
    : writtenPasses(attention, execution);
}

/** Queries, and keys, of a block (FlashAttention-2, arXiv 2307.08691, section 3.3). */
const BLOCK = 128;

/** One kernel for each pass. Of a causal mask, the blocks on the diagonal are computed whole. */
function blockwisePasses(attention: Attention, execution: Execution): PassSeconds {
  const { device, precision, samples, tensorDegree, flashGeneration: generation } = execution;
  const traffic = operatorTraffic(attention, execution);
  const { heads } = attentionShard(attention, tensorDegree);
  const blocks = samples * attention.sequences * heads * Math.ceil(attention.queries / BLOCK);
  const diagonal = attention.causal ? 1 + Math.min(BLOCK, attention.keys) / attention.keys : 1;
  const seconds = (flops: number, bytes: number): number =>
    attentionSeconds(device, precision, { flops: flops * samples * diagonal, blocks, bytes, generation });
  return {
    forward: seconds(operatorForwardFlops(attention, tensorDegree, 'unmasked'), traffic.forward),
    backward: seconds(operatorBackwardFlops(attention, tensorDegree, 'unmasked'), traffic.backward),
  };
}

/**
 * Two products batched over heads, each of which gives two backwards, and between them kernels that read and write whole
 * scores: the traffic counted, less that of the products.
 */
function writtenPasses(attention: Attention, execution: Execution): PassSeconds {
  const { device, precision, samples, tensorDegree, bytesPerElement } = execution;
  const { queries, keys, headDimension } = attention;
  const matrices = samples * attention.sequences * attentionShard(attention, tensorDegree).heads;
  const rows = matrices * queries;
  const scoreBytes = rows * keys * bytesPerElement;
  const seconds = (shape: MatrixShape): number => productSeconds(device, precision, shape, scoreBytes);
  const toScores = seconds({ rows, inner: headDimension, columns: keys });
  const fromScores = seconds({ rows, inner: keys, columns: headDimension });
  const traffic = operatorTraffic(attention, execution);
  return {
    forward: toScores + fromScores + elementwiseSeconds(device, Math.max(0, traffic.forward - 2 * scoreBytes)),
    backward: 2 * (toScores + fromScores) + elementwiseSeconds(device, Math.max(0, traffic.backward - 4 * scoreBytes)),
  };
}
