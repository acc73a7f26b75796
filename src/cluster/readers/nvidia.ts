import type { NodeFacts } from '../node-facts.ts';
import { type Reading, reading } from '../reading.ts';
import type { Exclusion, NodeInterconnect } from '../topology.ts';
import { MEBIBYTE, positiveInteger } from '../units.ts';

/**
 * NVIDIA GPU feature discovery: what was found on the node itself.
 * Source of keys and meanings: NVIDIA/k8s-device-plugin, docs/gpu-feature-discovery/README.md and internal/lm (2026-08).
 */
export function nvidia(facts: NodeFacts): Reading {
  const { labels } = facts;
  const product = labels.get('nvidia.com/gpu.product');
  const memory = positiveInteger(labels.get('nvidia.com/gpu.memory'));
  return reading({
    product,
    memoryBytes: memory === undefined ? undefined : memory * MEBIBYTE,
    driver: driverOf(facts),
    interconnect: interconnectOf(product ?? '', labels.get('nvidia.com/gpu.machine') ?? ''),
    nvlinkDomain: clique(labels.get('nvidia.com/gpu.clique')),
    unusable: partitioned(facts) ?? shared(facts) ?? miscounted(facts),
  });
}

/** Before version 0.15 of the labeller in three labels, which it still writes. */
function driverOf({ labels }: NodeFacts): string | undefined {
  const parts = ['major', 'minor', 'rev'].flatMap((part) => labels.get(`nvidia.com/cuda.driver.${part}`) ?? []);
  return labels.get('nvidia.com/cuda.driver-version.full') ?? (parts.length === 0 ? undefined : parts.join('.'));
}

/** No label states NVLink inside a node: SXM modules sit on a baseboard with NVLink, PCIe cards do not. */
function interconnectOf(product: string, machine: string): NodeInterconnect | undefined {
  if (/PCIe/i.test(product)) {
    return 'pcie';
  }
  if (/SXM/i.test(product) || /[DH]GX/i.test(machine)) {
    return 'nvlink';
  }
  return undefined;
}

/** `<ClusterUUID>.<CliqueID>`; a node whose GPUs are on no fabric reports the zero UUID in some driver versions. */
function clique(label: string | undefined): string | undefined {
  return label === undefined || /^[0-]*\./.test(label) ? undefined : label;
}

/**
 * MIG. The strategy `single` shows slices as whole GPUs and tells so in the product; `mixed` shows them as resources of
 * their own, so that `nvidia.com/gpu` counts the GPUs left whole, which can be used.
 */
function partitioned({ labels, allocatable, gpuResources }: NodeFacts): Exclusion | undefined {
  const cause = 'GPUs are partitioned by MIG';
  const product = labels.get('nvidia.com/gpu.product');
  if (product?.includes('-MIG-') === true) {
    return { cause, reason: `${cause} (${product}); training needs whole GPUs` };
  }
  const slices = [...allocatable].filter(([resource]) => resource.startsWith('nvidia.com/mig-'));
  if (slices.length === 0 || gpuResources.includes('nvidia.com/gpu')) {
    return undefined;
  }
  const list = slices.map(([resource, quantity]) => `${resource}: ${quantity}`).join(', ');
  return { cause, reason: `${cause} (${list}); training needs whole GPUs` };
}

/** Time-slicing and MPS: several pods on one GPU, shown as `-SHARED`, as replicas or as a resource of its own. */
function shared({ labels, allocatable, gpuResources }: NodeFacts): Exclusion | undefined {
  const cause = 'GPUs are shared between pods';
  const product = labels.get('nvidia.com/gpu.product') ?? '';
  const replicas = positiveInteger(labels.get('nvidia.com/gpu.replicas')) ?? 1;
  const strategy = labels.get('nvidia.com/gpu.sharing-strategy') ?? 'time-slicing';
  if (replicas > 1) {
    return { cause, reason: `${cause} (${strategy}, ${replicas} pods a GPU)` };
  }
  if (product.endsWith('-SHARED')) {
    return { cause, reason: `${cause} (${product})` };
  }
  const renamed = allocatable.get('nvidia.com/gpu.shared');
  if (renamed === undefined || gpuResources.includes('nvidia.com/gpu')) {
    return undefined;
  }
  return { cause, reason: `${cause} (nvidia.com/gpu.shared: ${renamed})` };
}

/** Fewer allocatable than labelled are GPUs that broke; more cannot be. */
function miscounted({ labels, allocatable }: NodeFacts): Exclusion | undefined {
  const labelled = positiveInteger(labels.get('nvidia.com/gpu.count'));
  const offered = allocatable.get('nvidia.com/gpu') ?? 0;
  if (labelled === undefined || offered <= labelled) {
    return undefined;
  }
  return {
    cause: 'contradictory labels',
    reason: `contradictory labels: nvidia.com/gpu.count says ${labelled}, but ${offered} GPUs are allocatable`,
  };
}
