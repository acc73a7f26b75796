import type { TrafficOptions } from '../model/counts/memory-traffic.ts';
import { productShard, regionDegree } from '../model/counts/shard.ts';
import type { Layer, Operator } from '../model/layer.ts';

/** Bytes of the largest tensor that an operator of the layer puts out, and of its gradient. */
export function tensorBytes(layer: Layer, options: Omit<TrafficOptions, 'kernels'>): number {
  const outputs = layer.operators.map((operator) => outputElements(operator, options));
  return 2 * options.bytesPerElement * options.samples * Math.max(0, ...outputs);
}

function outputElements(operator: Operator, options: Omit<TrafficOptions, 'kernels'>): number {
  switch (operator.kind) {
    case 'matrix-product':
      return operator.rows * productShard(operator, options.tensorDegree).columns;
    case 'elementwise':
      return operator.elements / regionDegree(operator.region, options);
    case 'lookup':
      return operator.rows * operator.width;
    case 'attention':
    case 'opaque':
      return 0;
  }
}
