import { invariant } from '../api/errors.ts';
import { range } from '../planner/at.ts';

/**
 * Chunk of each layer of a chain that begins with an embedding and ends with a head: the blocks between them evenly, the ends
 * with those next to them.
 */
export function evenPlacement(layers: number, chunks: number): readonly number[] {
  const blocks = layers - 2;
  invariant(blocks >= 1, 'a chain has a block between its ends');
  return [0, ...range(0, blocks).map((block) => Math.floor((block * chunks) / blocks)), chunks - 1];
}
