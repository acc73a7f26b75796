import type { TrafficOptions } from '../model/counts/memory-traffic.ts';
import { scoreHandling } from '../model/counts/scores.ts';
import { attentionShard, productShard, regionDegree } from '../model/counts/shard.ts';
import type { Attention, Layer, Operator } from '../model/layer.ts';

/** Bytes of the largest tensor that an operator of the layer puts out, and of its gradient. */
export function tensorBytes(layer: Layer, options: TrafficOptions): number {
  const outputs = layer.operators.map((operator) => outputElements(operator, options));
  return 2 * options.bytesPerElement * options.samples * Math.max(0, ...outputs);
}

function outputElements(operator: Operator, options: TrafficOptions): number {
  switch (operator.kind) {
    case 'matrix-product':
      return operator.rows * productShard(operator, options.tensorDegree).columns;
    case 'elementwise':
      return operator.elements / regionDegree(operator.region, options);
    case 'lookup':
      return operator.rows * operator.width;
    case 'attention':
      return scoreElements(operator, options);
    case 'opaque':
      return 0;
  }
}

const FLOAT32 = 4;

/** Scores that are written to memory, at 32 bits as so many more; what attention puts out is smaller than what products do. */
function scoreElements(attention: Attention, { tensorDegree, kernels, bytesPerElement }: TrafficOptions): number {
  const handling = scoreHandling(attention, kernels);
  if (handling === 'blockwise') return 0;
  const { sequences, queries, keys } = attention;
  const scores = sequences * queries * keys * attentionShard(attention, tensorDegree).heads;
  return handling === 'float32' ? (scores * FLOAT32) / bytesPerElement : scores;
}
