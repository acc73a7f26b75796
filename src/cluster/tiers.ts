import type { Hierarchy, LocatedNode } from './hierarchy.ts';
import type { Tier } from './topology.ts';

/**
 * How many GPUs form a block at every level, nearest first, for nodes in the order of their hierarchy that give
 * `gpusPerNode` each: the largest size for which every aligned block of ranks lies in one place. The places of a level
 * are runs of consecutive nodes, so it is the greatest common divisor of their sizes. The last, the whole network,
 * spans all ranks.
 */
export function blockSizes(nodes: readonly LocatedNode[], depth: number, gpusPerNode: number): readonly number[] {
  const levels = Array.from({ length: depth }, (_, index) => runsDivisor(nodes, depth - 1 - index) * gpusPerNode);
  return [gpusPerNode, ...levels, nodes.length * gpusPerNode];
}

/** Greatest common divisor of the lengths of the runs of nodes that share their places down to `level`. */
function runsDivisor(nodes: readonly LocatedNode[], level: number): number {
  let divisor = nodes.length;
  for (const [index, { places }] of nodes.entries()) {
    const before = nodes[index - 1]?.places;
    if (before !== undefined && places.slice(0, level + 1).some((place, at) => place !== before[at])) {
      divisor = greatestCommonDivisor(divisor, index);
    }
  }
  return divisor;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** Tiers of an allocation from its block sizes: the levels at which blocks grow, up to the one that spans all ranks. */
export function tiersOf(blocks: readonly number[], { levels }: Hierarchy): readonly Tier[] {
  const named = [
    { kind: 'node' as const, name: 'node' },
    ...levels.toReversed(),
    { kind: 'network' as const, name: 'network' },
  ];
  return named
    .map((level, index) => ({ ...level, gpus: blocks[index] ?? 0 }))
    .filter(({ gpus }, index) => gpus > (blocks[index - 1] ?? 0));
}
