/** What the ranks of a tensor-parallel group exchange for a layer (arXiv 1909.08053; 2205.05198 with sequence parallelism). */
import type { Layer, MatrixProduct, Operator } from '../layer.ts';

export interface Collective {
  readonly kind: 'all-reduce' | 'all-gather' | 'reduce-scatter';
  /** Elements of the whole tensor, per sample: each rank reads or ends up with all of them, or reduces them. */
  readonly elements: number;
}

export interface TensorCollectives {
  readonly forward: readonly Collective[];
  readonly backward: readonly Collective[];
}

const NOTHING: TensorCollectives = { forward: [], backward: [] };

/**
 * In order, for a tensor degree above 1 (the tensors are the same for each). A product split by columns needs its whole
 * input, one split by the weight's rows leaves partial sums. Without sequence parallelism a whole input is at hand and a
 * partial sum is all-reduced; with it, inputs are gathered (and again in the backward pass, since only a share is kept) and
 * sums reduce-scattered. Left out: three numbers a token for the cross entropy of a split vocabulary.
 */
export function tensorCollectives(layer: Pick<Layer, 'operators'>, sequenceParallel: boolean): TensorCollectives {
  const parts = layer.operators.map((operator, index) =>
    operatorCollectives(operator, isFirstReader(layer.operators, index), sequenceParallel),
  );
  return {
    forward: parts.flatMap(({ forward }) => forward),
    backward: parts.toReversed().flatMap(({ backward }) => backward),
  };
}

/** Products that read the same tensor gather it once, and reduce its gradient once. */
function isFirstReader(operators: readonly Operator[], index: number): boolean {
  const input = inputOf(operators[index]);
  return operators.findIndex((operator) => inputOf(operator) === input) === index;
}

function inputOf(operator: Operator | undefined): string | undefined {
  return operator?.kind === 'matrix-product' ? operator.input : undefined;
}

function operatorCollectives(operator: Operator, firstReader: boolean, sequenceParallel: boolean): TensorCollectives {
  switch (operator.kind) {
    case 'matrix-product':
      return productCollectives(operator, firstReader, sequenceParallel);
    case 'lookup':
      return operator.split === 'none' ? NOTHING : partialSum(operator.rows * operator.width, sequenceParallel);
    case 'opaque':
      return operator.tensorElements === 0 ? NOTHING : opaque(operator.tensorElements);
    case 'attention':
    case 'elementwise':
      return NOTHING;
  }
}

function productCollectives(
  product: MatrixProduct,
  firstReader: boolean,
  sequenceParallel: boolean,
): TensorCollectives {
  if (product.split === 'inner') {
    return partialSum(product.rows * product.columns, sequenceParallel);
  }
  return product.split === 'columns' && firstReader
    ? wholeInput(product.rows * product.inner, sequenceParallel)
    : NOTHING;
}

function partialSum(elements: number, sequenceParallel: boolean): TensorCollectives {
  return sequenceParallel
    ? { forward: [{ kind: 'reduce-scatter', elements }], backward: [{ kind: 'all-gather', elements }] }
    : { forward: [{ kind: 'all-reduce', elements }], backward: [] };
}

function wholeInput(elements: number, sequenceParallel: boolean): TensorCollectives {
  const gather: Collective = { kind: 'all-gather', elements };
  return sequenceParallel
    ? { forward: [gather], backward: [gather, { kind: 'reduce-scatter', elements }] }
    : { forward: [], backward: [{ kind: 'all-reduce', elements }] };
}

function opaque(elements: number): TensorCollectives {
  const reduce: Collective = { kind: 'all-reduce', elements };
  return { forward: [reduce], backward: [reduce] };
}
