import type { NodeFacts } from '../node-facts.ts';
import { type Reading, reading } from '../reading.ts';
import type { Exclusion, NodeInterconnect } from '../topology.ts';
import { GIBIBYTE, positiveInteger } from '../units.ts';

/**
 * Products by PCI device id, for labellers that name no product.
 * Source: ROCm/k8s-device-plugin, cmd/k8s-node-labeller/amdgpu.ids (2026-08).
 */
const PRODUCTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '738c': 'AMD_Instinct_MI100',
    '7408': 'AMD_Instinct_MI250X',
    '740c': 'AMD_Instinct_MI250X',
    '740f': 'AMD_Instinct_MI210',
    '74a0': 'AMD_Instinct_MI300A',
    '74a1': 'AMD_Instinct_MI300X_OAM',
    '74a2': 'AMD_Instinct_MI308X',
    '74a5': 'AMD_Instinct_MI325X',
    '74b5': 'AMD_Instinct_MI300X_VF',
    '74b9': 'AMD_Instinct_MI325X_VF',
    '75a0': 'AMD_Instinct_MI350X',
    '75a3': 'AMD_Instinct_MI355X',
  }),
);

/**
 * AMD's node labeller. `amd.com/gpu.NAME: VALUE`, in older versions `beta.amd.com/gpu.NAME.VALUE: COUNT` alone; where
 * the GPUs of a node differ, only the counting form is there.
 * Source: ROCm/k8s-device-plugin, cmd/k8s-node-labeller/main.go (2026-08).
 */
export function amd(facts: NodeFacts): Reading {
  const [product] = values(facts, 'product-name');
  const [deviceId] = values(facts, 'device-id');
  const name = product ?? PRODUCTS.get(deviceId?.toLowerCase() ?? '');
  return reading({
    product: name,
    memoryBytes: vram(values(facts, 'vram')[0]),
    driver: facts.labels.get('amd.com/gpu.driver-version'),
    interconnect: interconnectOf(name ?? ''),
    unusable: differing(facts) ?? partitioned(facts),
  });
}

function values({ labels }: NodeFacts, name: string): readonly string[] {
  for (const prefix of [`amd.com/gpu.${name}`, `beta.amd.com/gpu.${name}`]) {
    const value = labels.get(prefix);
    if (value !== undefined) {
      return [value];
    }
    const counted = [...labels.keys()].filter((key) => key.startsWith(`${prefix}.`));
    if (counted.length > 0) {
      return counted.map((key) => key.slice(prefix.length + 1)).sort();
    }
  }
  return [];
}

/** The labeller rounds to 2^30 bytes and prints `192G`. */
function vram(label: string | undefined): number | undefined {
  const gibibytes = positiveInteger(label?.replace(/G$/, ''));
  return gibibytes === undefined ? undefined : gibibytes * GIBIBYTE;
}

/** OAM modules are fully connected by Infinity Fabric links (xGMI); the MI210 is a PCIe card. */
function interconnectOf(product: string): NodeInterconnect | undefined {
  if (product.includes('MI210')) {
    return 'pcie';
  }
  return /OAM|MI(25|3\d|35)\d?X/.test(product) ? 'xgmi' : undefined;
}

function differing(facts: NodeFacts): Exclusion | undefined {
  const products = values(facts, 'product-name');
  if (products.length < 2) {
    return undefined;
  }
  return {
    cause: 'GPUs in the node differ',
    reason: `GPUs in the node differ (${products.join(', ')}); ranks need equal GPUs`,
  };
}

/** Compute partitions (CPX, DPX, QPX) show parts of a GPU as GPUs; SPX is the whole one. */
function partitioned({ labels }: NodeFacts): Exclusion | undefined {
  const mode = labels.get('amd.com/gpu.compute-memory-partition');
  if (mode === undefined || /^spx/i.test(mode)) {
    return undefined;
  }
  return {
    cause: 'GPUs are partitioned',
    reason: `GPUs are partitioned (${mode}); training needs whole GPUs (SPX)`,
  };
}
