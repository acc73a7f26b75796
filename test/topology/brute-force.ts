/** What an allocation is, from the nodes' paths alone and in the plainest way, to check the quick way against. */
import type { Allocation, GpuNode } from '../../src/cluster/topology.ts';

/** Levels at which two GPUs may meet, nearest first: node, NVLink domain, the places of the path, the whole network. */
function levelsOf(depth: number): readonly string[] {
  return ['node', 'domain', ...Array.from({ length: depth }, (_, index) => String(depth - 1 - index)), 'network'];
}

function meet(level: string, one: GpuNode, other: GpuNode): boolean {
  if (one.name === other.name || level === 'network') {
    return true;
  }
  if (level === 'node') {
    return false;
  }
  if (one.nvlinkDomain !== null && one.nvlinkDomain === other.nvlinkDomain) {
    return true;
  }
  const at = Number(level);
  const prefix = ({ path }: GpuNode) => JSON.stringify(path.slice(0, at + 1));
  return level !== 'domain' && one.path.length > at && other.path.length > at && prefix(one) === prefix(other);
}

function allMeet(level: string, nodes: readonly GpuNode[]): boolean {
  return nodes.every((node) => meet(level, node, nodes[0] ?? node));
}

function depthOf(nodes: readonly GpuNode[]): number {
  return Math.max(0, ...nodes.map(({ path }) => path.length));
}

/** The node of every rank. */
export function ranksOf(allocation: Allocation, nodes: readonly GpuNode[]): readonly GpuNode[] {
  return allocation.nodes.flatMap(({ name, gpus }) =>
    Array<GpuNode>(gpus).fill(nodes.find((node) => node.name === name) ?? expectNode(name)),
  );
}

function expectNode(name: string): never {
  throw new Error(`no node ${name}`);
}

/** Position, in the order of levels, of the nearest level at which all these nodes meet. */
export function distance(nodes: readonly GpuNode[], cluster: readonly GpuNode[]): number {
  return levelsOf(depthOf(cluster)).findIndex((level) => allMeet(level, nodes));
}

/** Sizes of the tiers: at every level the largest aligned block of ranks that meets, as far as it grows. */
export function tierSizes(ranks: readonly GpuNode[], cluster: readonly GpuNode[]): readonly number[] {
  const sizes = levelsOf(depthOf(cluster)).map((level) => {
    for (let size = ranks.length; size > 1; size -= 1) {
      if (ranks.length % size === 0 && chunks(ranks, size).every((chunk) => allMeet(level, chunk))) {
        return size;
      }
    }
    return 1;
  });
  return sizes.filter((size, index) => size > (sizes[index - 1] ?? 0));
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: items.length / size }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** All ways to choose so many of the items. */
export function combinations<T>(items: readonly T[], wanted: number): readonly (readonly T[])[] {
  const [first, ...rest] = items;
  if (wanted === 0) {
    return [[]];
  }
  if (first === undefined) {
    return [];
  }
  return [...combinations(rest, wanted - 1).map((chosen) => [first, ...chosen]), ...combinations(rest, wanted)];
}
