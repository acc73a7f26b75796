/** Which tensor-parallel degrees a layer can run with. */
import type { Operator } from './layer.ts';

/** Larger than any group that a tensor-parallel collective is worth running in, and bounds the search. */
const MAXIMUM = 128;

/**
 * Degrees that split the operators without remainder, ascending: divisors of the attention heads and of what the products
 * are split by. Key/value heads may also be fewer than ranks, if they divide the degree: ranks then hold copies
 * (Megatron-LM and vLLM do so). Elementwise operators and what is not split set no limit.
 */
export function tensorDegrees(operators: readonly Operator[]): readonly number[] {
  return Array.from({ length: MAXIMUM }, (_, index) => index + 1).filter((degree) =>
    operators.every((operator) => splits(operator, degree)),
  );
}

function splits(operator: Operator, degree: number): boolean {
  switch (operator.kind) {
    case 'attention':
      return operator.heads % degree === 0 && dividesEither(operator.keyValueHeads, degree);
    case 'matrix-product':
      return operator.split === 'none' || dividesEither(operator.parts, degree);
    case 'elementwise':
    case 'lookup':
    case 'opaque':
      return true;
  }
}

function dividesEither(parts: number, degree: number): boolean {
  return parts % degree === 0 || degree % parts === 0;
}

/** Degrees that all of the lists have. */
export function commonDegrees(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = [1], ...others] = lists;
  return first.filter((degree) => others.every((list) => list.includes(degree)));
}
