import type { NodeFacts } from './node-facts.ts';
import type { Exclusion, FabricKind, NodeInterconnect, Place } from './topology.ts';

/** What one source says of a node. An absent field: the source does not say. null: it says that there is none. */
export interface Reading {
  readonly product?: string;
  /** Memory of one GPU; bytes. */
  readonly memoryBytes?: number;
  /** Version of the GPUs' driver. */
  readonly driver?: string;
  readonly interconnect?: NodeInterconnect;
  /** NVLink domain beyond the node, by a name that is unique in the cluster. */
  readonly nvlinkDomain?: string | null;
  /**
   * Name of a place that is an NVLink domain only if the GPUs are of a kind that has NVLink beyond the node: the same
   * label is a sub-block or a capacity block elsewhere. By a name that is unique in the cluster.
   */
  readonly acceleratorDomain?: string;
  /** Region and zone, widest first. */
  readonly zone?: readonly Place[];
  /** Places inside the zone, widest first. */
  readonly path?: readonly Place[];
  readonly fabricKind?: FabricKind | null;
  /** Bytes a second out of the whole node. */
  readonly fabricBytesPerSecond?: number;
  /** RDMA resource of the node, as pods ask for it. */
  readonly rdmaResource?: string | null;
  /** Why the node's GPUs cannot be used, whatever else is said. */
  readonly unusable?: Exclusion;
}

/** One source: a few labels or resources of one vendor. Pure, and never throws, whatever the labels hold. */
export type Reader = (facts: NodeFacts) => Reading;

/** A reading of the fields that are not undefined. */
export function reading(fields: { readonly [Field in keyof Reading]: Reading[Field] | undefined }): Reading {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Merges readings field by field; for each field the first that says anything wins. */
export function merge(readings: readonly Reading[]): Reading {
  return Object.assign({}, ...readings.toReversed()) as Reading;
}

/** The places that labels name, widest first, without the levels that no label names; undefined where none does. */
export function placesFrom(
  facts: NodeFacts,
  levels: readonly (readonly [level: string, key: string])[],
): readonly Place[] | undefined {
  const places = levels.flatMap(([level, key]) => {
    const name = facts.labels.get(key);
    return name === undefined ? [] : [{ level, name }];
  });
  return places.length === 0 ? undefined : places;
}

/** A domain's name made unique by the places around it; undefined where there is no domain. */
export function domainIn(around: readonly Place[] | undefined, domain: string | undefined): string | undefined {
  return domain === undefined ? undefined : [...(around ?? []).map(({ name }) => name), domain].join('/');
}
