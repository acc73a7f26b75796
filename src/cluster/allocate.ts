import { divisorsDescending } from './divisors.ts';
import { type Hierarchy, hierarchyOf, type LocatedNode } from './hierarchy.ts';
import { chooseNodes } from './selection.ts';
import { blockSizes, tiersOf } from './tiers.ts';
import type { Allocation, GpuNode, ResourceQuantity } from './topology.ts';
import { GIBIBYTE } from './units.ts';

/** More candidates are not worth the planner's time. */
const MAX_CANDIDATES = 8;

/** Nodes that a job could use together, in ranks' order, and how near they are. */
interface Option {
  readonly nodes: readonly LocatedNode[];
  readonly gpusPerNode: number;
  readonly hierarchy: Hierarchy;
  /** GPUs of a block at every level, nearest first. */
  readonly blocks: readonly number[];
}

/**
 * The candidate sets of free GPUs for a job: all of one device and fabric, equally many on each node, and as near to one
 * another as can be. None is given that another of the same device beats or equals at every level.
 *
 * Deterministic: the order of `nodes` does not matter. Takes time in proportion to n log n for n nodes.
 *
 * @param nodes - nodes that the job may use.
 * @param gpus - number of GPUs that the job asks for.
 * @returns at most 8 candidates: the best of every device first, tightest first, then the second best of every device;
 * none where no device has so many GPUs free on equally many of each node.
 */
export function allocate(nodes: readonly GpuNode[], gpus: number): readonly Allocation[] {
  const perKind = [...kindsOf(nodes).entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, kind]) => optionsFor(kind, gpus).toSorted(tightestFirst));
  const rounds = Math.max(0, ...perKind.map((options) => options.length));
  return Array.from({ length: rounds }, (_, round) => perKind.flatMap((options) => options.slice(round, round + 1)))
    .flatMap((options) => options.toSorted(tightestFirst))
    .slice(0, MAX_CANDIDATES)
    .map(allocationOf);
}

/** Nodes by what must be equal in a job. */
export function kindsOf(nodes: readonly GpuNode[]): ReadonlyMap<string, readonly GpuNode[]> {
  return Map.groupBy(nodes, kindOf);
}

/**
 * Older drivers leave the maker out of the product's name, and drivers differ in how much of the memory they report:
 * 4 GiB tell apart the sizes that are sold.
 */
function kindOf({ product, memoryBytes, resource, interconnect, fabric, rdma }: GpuNode): string {
  const memory = memoryBytes === null ? null : Math.round(memoryBytes / (4 * GIBIBYTE));
  return JSON.stringify([product.replace(/^NVIDIA-/, ''), memory, resource, interconnect, fabric, rdma?.resource]);
}

/** The ways to take `gpus` GPUs from nodes of one kind that no other way beats. */
function optionsFor(kind: readonly GpuNode[], gpus: number): readonly Option[] {
  const hierarchy = hierarchyOf(kind);
  const most = Math.max(0, ...new Set(kind.map(({ free }) => free)));
  const options = divisorsDescending(gpus)
    .filter((gpusPerNode) => gpusPerNode <= most)
    .flatMap((gpusPerNode) => optionsWith(hierarchy, gpus / gpusPerNode, gpusPerNode));
  return options.reduce<readonly Option[]>((best, option) => {
    const beaten = best.some((other) => isAsNear(other, option));
    return beaten ? best : [...best.filter((other) => !isAsNear(option, other)), option];
  }, []);
}

/** The tightest set over all levels; and with NVLink domains, the one that keeps most of them whole, wherever they are. */
function optionsWith(hierarchy: Hierarchy, wanted: number, gpusPerNode: number): readonly Option[] {
  const nodes = hierarchy.nodes.filter(({ node }) => node.free >= gpusPerNode);
  if (nodes.length < wanted) {
    return [];
  }
  const levels = [...hierarchy.levels.keys()];
  const hasDomains = nodes.some(({ node }) => node.nvlinkDomain !== null);
  return [levels, ...(hasDomains ? [levels.slice(-1)] : [])].map((used) => {
    const chosen = chooseNodes(nodes, used, wanted);
    return { nodes: chosen, gpusPerNode, hierarchy, blocks: blockSizes(chosen, levels.length, gpusPerNode) };
  });
}

function isAsNear(one: Option, other: Option): boolean {
  return one.blocks.every((block, level) => block >= (other.blocks[level] ?? 0));
}

/** Fewest levels up to the one that spans the job, then larger blocks, which on the level of the node are fewer nodes. */
function tightestFirst(one: Option, other: Option): number {
  const levels = span(one) - span(other);
  const blocks = one.blocks.map((block, level) => (other.blocks[level] ?? 0) - block);
  return levels || (blocks.find((difference) => difference !== 0) ?? 0);
}

function span({ blocks }: Option): number {
  return blocks.indexOf(blocks.at(-1) ?? 0);
}

function allocationOf({ nodes: located, gpusPerNode, hierarchy, blocks }: Option): Allocation {
  const nodes = located.map(({ node }) => node);
  const memory = nodes.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const first = nodes[0];
  return {
    product: first?.product ?? '',
    memoryBytes: memory.length === 0 ? null : Math.min(...memory),
    drivers: [...new Set(nodes.flatMap(({ driver }) => driver ?? []))],
    resource: first?.resource ?? '',
    interconnect: first?.interconnect ?? null,
    fabric: first?.fabric ?? null,
    rdma: rdmaOf(nodes, gpusPerNode),
    gpusPerNode,
    nodeGpus: Math.max(...nodes.map(({ gpus }) => gpus)),
    nodes: nodes.map(({ name }) => ({ name, gpus: gpusPerNode })),
    tiers: tiersOf(blocks, hierarchy),
  };
}

/**
 * What a pod asks for of the RDMA resource: of devices that pods have for themselves its share of all, as of the GPUs, as far
 * as they are left; of those that pods share one. The prefix `rdma/` is that of the RDMA shared device plugin.
 */
function rdmaOf(nodes: readonly GpuNode[], gpusPerNode: number): ResourceQuantity | null {
  const shares = nodes.flatMap(({ rdma, gpus }) => {
    if (rdma === null) {
      return [];
    }
    const share = Math.max(1, Math.floor((rdma.allocatable * gpusPerNode) / gpus));
    const quantity = rdma.resource.startsWith('rdma/') ? 1 : Math.min(rdma.quantity, share);
    return [{ resource: rdma.resource, quantity }];
  });
  return shares.reduce<ResourceQuantity | null>(
    (least, share) => (least === null || share.quantity < least.quantity ? share : least),
    null,
  );
}
