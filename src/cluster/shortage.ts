import { kindsOf } from './allocate.ts';
import { count, listOf } from './text.ts';
import type { Allocation, ExcludedNode, GpuNode } from './topology.ts';

/** A message stays readable with a thousand nodes: so many kinds of node, and so many causes, are told of. */
const TOLD = 6;

/**
 * What a job waits for where `allocate` has no candidate:
 * `needs 16 GPUs of one kind, at most 8 free: 8 NVIDIA-A100-SXM4-40GB on 1 node; left out: 2 nodes cordoned (a, b)`.
 */
export function describeShortage(gpus: number, nodes: readonly GpuNode[], excluded: readonly ExcludedNode[]): string {
  const kinds = [...kindsOf(nodes).values()]
    .map((kind) => ({ kind, free: freeIn(kind) }))
    .sort((one, other) => other.free - one.free);
  const most = kinds[0]?.free ?? 0;
  const needs = `needs ${count(gpus, 'GPU')} of one kind${most < gpus ? `, at most ${most} free` : ', equally many on each node'}`;
  const free = summary(kinds.map(({ kind }) => describeKind(kind, gpus)));
  const left = summary(causesOf(excluded));
  return `${needs}${free === '' ? '' : `: ${free}`}${left === '' ? '' : `; left out: ${left}`}`;
}

/** Nodes that a job may use but that an allocation leaves out because they differ from the chosen ones. */
export function differing(nodes: readonly GpuNode[], chosen: Allocation): readonly ExcludedNode[] {
  const names = new Set(chosen.nodes.map(({ name }) => name));
  const ofChosenKind = [...kindsOf(nodes).values()].find((kind) => kind.some(({ name }) => names.has(name)));
  const same = new Set(ofChosenKind?.map(({ name }) => name));
  return nodes
    .filter(({ name }) => !same.has(name))
    .map((node) => ({ name: node.name, ...differenceTo(node, chosen) }));
}

function differenceTo({ product, fabric }: GpuNode, chosen: Allocation) {
  const what = product === chosen.product ? `${product} with ${fabric?.kind ?? 'unknown'} fabric` : product;
  const cause = 'differs from the chosen nodes';
  return { cause, reason: `${cause}: ${what}, not ${chosen.product} with ${chosen.fabric?.kind ?? 'unknown'} fabric` };
}

function freeIn(kind: readonly GpuNode[]): number {
  return kind.reduce((sum, { free }) => sum + free, 0);
}

function describeKind(kind: readonly GpuNode[], gpus: number): string {
  const free = freeIn(kind);
  const fabric = kind[0]?.fabric?.kind;
  const uneven = free >= gpus ? `, at most ${mostEqual(kind, gpus)} in equal parts` : '';
  return `${free} ${kind[0]?.product ?? ''}${fabric === undefined ? '' : ` (${fabric})`} on ${count(kind.length, 'node')}${uneven}`;
}

/** The largest number below `gpus` that could be had. */
function mostEqual(kind: readonly GpuNode[], gpus: number): number {
  const most = Math.max(...new Set(kind.map(({ free }) => free)));
  const parts = Array.from({ length: most }, (_, index) => {
    const perNode = index + 1;
    return perNode * Math.min(kind.filter(({ free }) => free >= perNode).length, Math.floor((gpus - 1) / perNode));
  });
  return Math.max(...parts);
}

/** `2 nodes cordoned (a, b)`, the most frequent cause first. */
function causesOf(excluded: readonly ExcludedNode[]): readonly string[] {
  return [...Map.groupBy(excluded, ({ cause }) => cause)]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([cause, nodes]) => {
      const [only] = nodes;
      const names = listOf(nodes.map(({ name }) => name));
      return nodes.length === 1 && only !== undefined
        ? `${only.name} (${only.reason})`
        : `${count(nodes.length, 'node')} (${names}): ${cause}`;
    });
}

function summary(items: readonly string[]): string {
  const rest = items.length - TOLD;
  return `${items.slice(0, TOLD).join(', ')}${rest > 0 ? ` and ${rest} more kinds` : ''}`;
}
