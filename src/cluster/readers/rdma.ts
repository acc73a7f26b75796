import type { NodeFacts } from '../node-facts.ts';
import { type Reading, reading } from '../reading.ts';
import type { FabricKind } from '../topology.ts';

/**
 * RDMA resources, best first, with the fabric where the name tells it.
 * Sources: the EFA device plugin (`vpc.amazonaws.com/efa`); CoreWeave's documentation (`rdma/ib`, `rdma/roce_gdr`); OKE
 * (`nvidia.com/rdma-vf`, earlier `nvidia.com/sriov_rdma_vf`: virtual functions on RoCE cluster networks); the prefix
 * `rdma/` of the RDMA shared device plugin, used for InfiniBand and RoCE alike (AKS: `rdma/hca_shared_devices_a`).
 */
const RESOURCES: readonly (readonly [pattern: RegExp, kind: FabricKind | undefined])[] = [
  [/^vpc\.amazonaws\.com\/efa$/, 'efa'],
  [/^rdma\/.*roce/i, 'roce'],
  [/^rdma\/(ib|.*infiniband.*)$/i, 'infiniband'],
  [/^nvidia\.com\/(rdma-vf|sriov_rdma_vf)$/, 'roce'],
  [/^rdma\//, undefined],
];

/** RDMA resources that the node offers to pods. */
export function rdmaResources({ allocatable }: NodeFacts): Reading {
  const offered = [...allocatable.keys()].sort();
  for (const [pattern, kind] of RESOURCES) {
    const resource = offered.find((name) => pattern.test(name));
    if (resource !== undefined) {
      return reading({ rdmaResource: resource, fabricKind: kind });
    }
  }
  return {};
}

/**
 * What is left to guess from: RDMA without a name for it. Node feature discovery tells of RDMA on Amazon's EFA (PCI
 * vendor 1d0f) as well, so the card must be Mellanox's (15b3). Such a card may run RoCE: the override annotation says.
 */
export function rdmaGuess({ labels, allocatable }: NodeFacts): Reading {
  const has = (feature: string) => labels.get(`feature.node.kubernetes.io/${feature}`) === 'true';
  const mellanox = has('pci-15b3.present') && (has('rdma.available') || has('rdma.capable'));
  const resource = [...allocatable.keys()].some((name) => name.startsWith('rdma/'));
  return mellanox || resource ? { fabricKind: 'infiniband' } : {};
}
