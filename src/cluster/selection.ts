import { invariant } from '../api/errors.ts';
import type { LocatedNode } from './hierarchy.ts';
import { divisorsDescending } from './divisors.ts';

/** A place with the nodes in it, and the places inside it; the nearest ones hold no further places. */
interface Region {
  readonly depth: number;
  readonly nodes: readonly LocatedNode[];
  readonly parts: readonly Region[];
  /** Free GPUs in it, then in the next wider place, and so on. */
  readonly free: readonly number[];
}

/**
 * Chooses nodes as near to one another as can be: in the smallest place that has enough of them, and there in equal
 * blocks as large as can be; among equals, where least is free, so that large places stay free for large jobs.
 *
 * @param nodes - nodes that could each be chosen, at least `wanted`, in the order of their hierarchy.
 * @param levels - the levels of `places` that count, widest first.
 * @returns `wanted` nodes, in the same order.
 */
export function chooseNodes(
  nodes: readonly LocatedNode[],
  levels: readonly number[],
  wanted: number,
): readonly LocatedNode[] {
  invariant(nodes.length >= wanted, `${wanted} nodes wanted of ${nodes.length}`);
  const regions = flatten(regionOf(nodes, levels, 0, [])).filter((region) => region.nodes.length >= wanted);
  const smallest = regions.reduce((best, region) => (isTighter(region, best) ? region : best));
  const chosen = new Set(fill(smallest, wanted, wanted));
  return nodes.filter((node) => chosen.has(node));
}

function regionOf(
  nodes: readonly LocatedNode[],
  levels: readonly number[],
  depth: number,
  freeAround: readonly number[],
): Region {
  const level = levels[depth];
  const parts = level === undefined ? [] : [...Map.groupBy(nodes, ({ places }) => places[level]).values()];
  const free = [nodes.reduce((sum, { node }) => sum + node.free, 0), ...freeAround];
  return { depth, nodes, parts: parts.map((part) => regionOf(part, levels, depth + 1, free)), free };
}

function flatten(region: Region): readonly Region[] {
  return [region, ...region.parts.flatMap(flatten)];
}

function isTighter(one: Region, other: Region): boolean {
  return one.depth === other.depth ? compareFree(one, other) < 0 : one.depth > other.depth;
}

/** Negative where less is free in the first, or as much but in a wider place with less. */
function compareFree(one: Region, other: Region): number {
  const differences = one.free.map((free, index) => free - (other.free[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** Takes `wanted` nodes, in blocks of which the size divides `unit`, which divides `wanted`. */
function fill(region: Region, wanted: number, unit: number): readonly LocatedNode[] {
  if (wanted === region.nodes.length) {
    return region.nodes;
  }
  if (region.parts.length === 0) {
    return region.nodes.toSorted((one, other) => one.node.free - other.node.free).slice(0, wanted);
  }
  const block = largestBlock(region.parts, wanted, unit);
  return shares(region.parts, wanted / block, block).flatMap(({ part, blocks }) => fill(part, blocks * block, block));
}

/** The largest size that divides `unit` and of which the parts hold enough blocks; 1 always does. */
function largestBlock(parts: readonly Region[], wanted: number, unit: number): number {
  const held = (size: number) => parts.reduce((sum, { nodes }) => sum + Math.floor(nodes.length / size) * size, 0);
  return divisorsDescending(unit).find((size) => held(size) >= wanted) ?? 1;
}

/** How many blocks each part gives: the fullest parts all that they have, and the rest the smallest that has enough. */
function shares(parts: readonly Region[], wanted: number, block: number) {
  const holding = parts
    .map((part) => ({ part, blocks: Math.floor(part.nodes.length / block) }))
    .sort((one, other) => other.blocks - one.blocks || compareFree(one.part, other.part));
  const taken: { readonly part: Region; readonly blocks: number }[] = [];
  let missing = wanted;
  for (const [index, holder] of holding.entries()) {
    if (holder.blocks >= missing) {
      return [...taken, { part: leastThatHolds(holding.slice(index), missing), blocks: missing }];
    }
    taken.push(holder);
    missing -= holder.blocks;
  }
  return taken;
}

function leastThatHolds(
  holding: readonly { readonly part: Region; readonly blocks: number }[],
  missing: number,
): Region {
  const enough = holding.filter(({ blocks }) => blocks >= missing);
  const least = enough.reduce((best, holder) => (holder.blocks < best.blocks ? holder : best));
  return least.part;
}
