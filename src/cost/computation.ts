/** Seconds of a layer's own arithmetic, for one micro-batch on one rank: a roofline for each operator. */
import { operatorBackwardFlops, operatorForwardFlops } from '../model/counts/flops.ts';
import { operatorTraffic } from '../model/counts/memory-traffic.ts';
import { productShard } from '../model/counts/shard.ts';
import type { Layer, MatrixProduct, Opaque, Operator } from '../model/layer.ts';
import { attentionPasses } from './attention.ts';
import type { Execution, PassSeconds } from './execution.ts';
import { elementwiseSeconds, matrixRate, productSeconds } from './kernels.ts';

export type { Execution, PassSeconds } from './execution.ts';

/** Without recomputation. */
export function computationSeconds(layer: Pick<Layer, 'operators'>, execution: Execution): PassSeconds {
  const parts = layer.operators.map((operator) => operatorSeconds(operator, execution));
  return {
    forward: parts.reduce((sum, { forward }) => sum + forward, 0),
    backward: parts.reduce((sum, { backward }) => sum + backward, 0),
  };
}

/** Of the attention core alone (scores and what follows up to their product with the values), which selective recomputation repeats. */
export function attentionCoreSeconds({ operators }: Pick<Layer, 'operators'>, execution: Execution): PassSeconds {
  return computationSeconds({ operators: operators.filter(({ kind }) => kind === 'attention') }, execution);
}

function operatorSeconds(operator: Operator, execution: Execution): PassSeconds {
  switch (operator.kind) {
    case 'matrix-product':
      return productPasses(operator, execution);
    case 'attention':
      return attentionPasses(operator, execution);
    case 'opaque':
      return opaquePasses(operator, execution);
    case 'elementwise':
    case 'lookup': {
      const { forward, backward } = operatorTraffic(operator, execution);
      return {
        forward: elementwiseSeconds(execution.device, forward),
        backward: elementwiseSeconds(execution.device, backward),
      };
    }
  }
}

/** Backwards two products: the gradient of the input and that of the weight. */
function productPasses(product: MatrixProduct, execution: Execution): PassSeconds {
  const { device, products, samples, tensorDegree } = execution;
  const { inner, columns } = productShard(product, tensorDegree);
  const rows = product.rows * samples;
  const bytes = operatorTraffic(product, execution).forward;
  const seconds = (shape: { readonly rows: number; readonly inner: number; readonly columns: number }): number =>
    productSeconds(device, products, shape, bytes);
  return {
    forward: seconds({ rows, inner, columns }),
    backward: seconds({ rows, inner: columns, columns: inner }) + seconds({ rows: inner, inner: rows, columns }),
  };
}

/** Of a layer given by sizes only FLOP are known; it is taken to be made of large products. */
function opaquePasses(layer: Opaque, { device, precision, samples, tensorDegree }: Execution): PassSeconds {
  const rate = matrixRate(device, precision);
  return {
    forward: (operatorForwardFlops(layer, tensorDegree, 'all') * samples) / rate,
    backward: (operatorBackwardFlops(layer, tensorDegree, 'all') * samples) / rate,
  };
}
