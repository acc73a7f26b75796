import type { GpuNode, Place, Tier } from './topology.ts';

/** A node with its places at every level, widest first, all lists of a hierarchy equally long. */
export interface LocatedNode {
  readonly node: GpuNode;
  /** A place has the same text for two nodes if and only if both are in it, given that the wider ones are the same. */
  readonly places: readonly string[];
}

/** Nodes in the order in which ranks are laid out: neighbours in the network are neighbours here. */
export interface Hierarchy {
  readonly nodes: readonly LocatedNode[];
  /** What the levels of `places` are called in a tier, widest first: the network's, then the NVLink domain. */
  readonly levels: readonly Pick<Tier, 'kind' | 'name'>[];
}

const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/**
 * Places nodes in one hierarchy. Where the labels of a node say less than those of others, it is taken to share its
 * unknown places with no other node.
 */
export function hierarchyOf(nodes: readonly GpuNode[]): Hierarchy {
  const paths = outsideDomains(nodes);
  const depth = Math.max(0, ...new Set(paths.map((path) => path.length)));
  const located = nodes.map((node, index): LocatedNode => {
    const alone = node.nvlinkDomain === null ? `node ${node.name}` : `domain ${node.nvlinkDomain}`;
    const path = (paths[index] ?? []).map(({ level, name }) => `${level}=${name}`);
    return { node, places: [...path, ...Array<string>(depth + 1 - path.length).fill(alone)] };
  });
  return {
    nodes: located.toSorted(inOrder),
    levels: [
      ...Array.from({ length: depth }, (_, level) => ({ kind: 'network' as const, name: nameOf(paths, level) })),
      { kind: 'nvlink-domain', name: 'NVLink domain' },
    ],
  };
}

/**
 * Paths, widest place first, of which the places that do not hold a whole NVLink domain are left off: NVLink is nearer
 * than any switch, whichever switches the domain's nodes hang on.
 */
function outsideDomains(nodes: readonly GpuNode[]): readonly (readonly Place[])[] {
  const common = new Map<string, readonly Place[]>();
  for (const { nvlinkDomain, path } of nodes) {
    if (nvlinkDomain !== null) {
      common.set(nvlinkDomain, commonPrefix(common.get(nvlinkDomain) ?? path, path));
    }
  }
  return nodes.map(({ nvlinkDomain, path }) => common.get(nvlinkDomain ?? '') ?? path);
}

function commonPrefix(one: readonly Place[], other: readonly Place[]): readonly Place[] {
  const differs = one.findIndex(({ level, name }, at) => other[at]?.level !== level || other[at].name !== name);
  return differs === -1 ? one : one.slice(0, differs);
}

function nameOf(paths: readonly (readonly Place[])[], level: number): string {
  return paths.find((path) => path.length > level)?.[level]?.level ?? 'network';
}

/** `rack-9` before `rack-10`; names that are only numerically equal (`r1`, `r01`) stay apart. */
function compareNames(one: string, other: string): number {
  return BY_NUMBER.compare(one, other) || (one < other ? -1 : Number(one > other));
}

function inOrder(one: LocatedNode, other: LocatedNode): number {
  const level = one.places.findIndex((place, at) => place !== other.places[at]);
  return level === -1
    ? compareNames(one.node.name, other.node.name)
    : compareNames(one.places[level] ?? '', other.places[level] ?? '');
}
