/** How many parameters a layer has, and holds on each rank. */
import type { Layer, Operator } from '../layer.ts';
import { productShard } from './shard.ts';

/**
 * Parameters of a layer's own on each rank of a tensor-parallel group. Tied weights belong to the layer that they are
 * tied to: {@link tiedParameters} counts them where a stage holds them a second time.
 */
export function parameters(layer: Layer, tensorDegree = 1): number {
  return layer.operators.reduce((sum, operator) => sum + ownParameters(operator, tensorDegree), 0);
}

/**
 * Parameters that the layer shares with another one, on each rank. Where the two are in different pipeline stages, each has
 * a copy, and the two sum their gradients once per iteration (Megatron-LM's embedding group).
 */
export function tiedParameters(layer: Layer, tensorDegree = 1): number {
  return layer.operators.reduce(
    (sum, operator) => sum + (isTied(operator) ? weightParameters(operator, tensorDegree) : 0),
    0,
  );
}

function isTied(operator: Operator): boolean {
  return (operator.kind === 'matrix-product' || operator.kind === 'lookup') && operator.tiedTo !== undefined;
}

function ownParameters(operator: Operator, degree: number): number {
  return (isTied(operator) ? 0 : weightParameters(operator, degree)) + biasParameters(operator, degree);
}

/** inner × columns of a product, entries × width of a table, as given for the others. */
function weightParameters(operator: Operator, degree: number): number {
  switch (operator.kind) {
    case 'matrix-product': {
      const { inner, columns } = productShard(operator, degree);
      return inner * columns;
    }
    case 'lookup':
      return (operator.split === 'entries' ? Math.ceil(operator.entries / degree) : operator.entries) * operator.width;
    case 'elementwise':
      return operator.parameters;
    case 'opaque':
      return Math.ceil(operator.parameters / degree);
    case 'attention':
      return 0;
  }
}

/** A bias is split with the columns; beside a weight split by its rows every rank holds all of it. */
function biasParameters(operator: Operator, degree: number): number {
  return operator.kind === 'matrix-product' && operator.bias ? productShard(operator, degree).columns : 0;
}
