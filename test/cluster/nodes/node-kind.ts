import type { V1Taint } from '@kubernetes/client-node';

export type Labels = Readonly<Record<string, string>>;
export type Resources = Readonly<Record<string, string>>;

/** Where a node stands, counted from 0: a leaf switch serves some nodes, a spine some leaves. */
export interface Place {
  readonly node: number;
  readonly leaf: number;
  readonly spine: number;
}

/** One kind of GPU node as its cluster shows it. */
export interface NodeKind {
  readonly labels: (place: Place) => Labels;
  readonly capacity: Resources;
  readonly allocatable: Resources;
  readonly taints?: readonly V1Taint[];
  /** `amd64` unless said otherwise. */
  readonly architecture?: 'arm64';
  /** Nodes on one leaf switch, or in one NVLink domain of several nodes; 4 unless said otherwise. */
  readonly nodesPerLeaf?: number;
}

/** The taint that GKE, and most node pools of other clouds, put on NVIDIA nodes. */
export const NVIDIA_TAINT: V1Taint = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' };

/** The two digits in which made-up identifiers differ. */
export function hex(index: number): string {
  return index.toString(16).padStart(2, '0');
}
