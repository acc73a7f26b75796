/** What a rank holds of the operators that tensor parallelism splits. */
import type { Attention, Elementwise, MatrixProduct } from '../layer.ts';

/** How ranks of a tensor-parallel group share the work of a layer. */
export interface Sharding {
  readonly tensorDegree: number;
  /** Split what lies between tensor-parallel regions along the sequence (arXiv 2205.05198). */
  readonly sequenceParallel: boolean;
}

/** Columns (or rows of the weight) of a rank: ⌈parts / degree⌉ parts. See {@link MatrixProduct.parts}. */
function shard(size: number, parts: number, degree: number): number {
  return Math.ceil(parts / degree) * (size / parts);
}

/** [rows, inner] × [inner, columns] of one rank. */
export function productShard({ split, inner, columns, parts }: MatrixProduct, degree: number) {
  return {
    inner: split === 'inner' ? shard(inner, parts, degree) : inner,
    columns: split === 'columns' ? shard(columns, parts, degree) : columns,
  };
}

/** Heads of one rank. */
export function attentionShard({ heads, keyValueHeads }: Attention, degree: number) {
  return { heads: Math.ceil(heads / degree), keyValueHeads: Math.ceil(keyValueHeads / degree) };
}

/** Over how many ranks a tensor of a region is split. */
export function regionDegree(region: Elementwise['region'], { tensorDegree, sequenceParallel }: Sharding): number {
  return region === 'tensor' || sequenceParallel ? tensorDegree : 1;
}
