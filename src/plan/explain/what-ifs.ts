/**
 * Other hardware, and another batch: what each is worth is the price of what limits a plan. The plan itself could run on each,
 * where it fits.
 */
import type { Allocation } from '../../cluster/topology.ts';
import { hardwareOf } from '../../cost/hardware.ts';
import type { Hardware } from '../../cost/hardware.ts';
import { NETWORKS } from '../../profile/links.ts';
import type { Site } from '../site.ts';
import { type Change, changed } from './change.ts';

const GIBIBYTE = 2 ** 30;
const FEW_BYTES = 4 * GIBIBYTE;

export function whatIfs(site: Site): readonly Change[] {
  const changes = [
    moreMemory(site, FEW_BYTES, '4 GiB more on each GPU'),
    moreMemory(site, site.workload.hardware.memoryBytes, 'twice the memory on each GPU'),
    ...otherNetworks(site),
    ...withoutNodeLink(site),
    // What was measured says nothing of other arithmetic.
    ...(site.workload.measured === undefined ? [fasterArithmetic(site)] : []),
    largerBatch(site),
  ];
  return changes.map((change) => ({ ...change, keepsPlan: true }));
}

/** A limit that planning sets grows with the memory. */
function moreMemory(site: Site, bytes: number, title: string): Change {
  const { hardware, planning } = site.workload;
  const { memoryLimitBytes } = planning;
  return {
    title,
    site: changed(site, {
      hardware: { ...hardware, memoryBytes: hardware.memoryBytes + bytes },
      planning: { ...planning, ...(memoryLimitBytes !== undefined && { memoryLimitBytes: memoryLimitBytes + bytes }) },
    }),
  };
}

function otherNetworks(site: Site): readonly Change[] {
  const { allocation } = site;
  if (allocation.nodes.length === 1) return [];
  const twice = { title: 'twice the rate between nodes', site: changed(site, { hardware: fasterNetwork(site) }) };
  const kind = allocation.fabric?.kind ?? 'ethernet';
  const other = kind === 'ethernet' ? 'infiniband' : 'ethernet';
  const { name, defaultBytesPerSecond } = NETWORKS[other];
  const rate = `${name} of ${Math.round((defaultBytesPerSecond * 8) / 1e9)} Gbit/s a node`;
  const title = kind === 'ethernet' ? `with ${rate}` : `without ${NETWORKS[kind].name}, over ${rate}`;
  return [twice, { title, site: onHardware(site, { fabric: { kind: other, bytesPerSecond: null } }) }];
}

function fasterNetwork({ workload: { hardware } }: Site): Hardware {
  return {
    ...hardware,
    tiers: hardware.tiers.map((tier) =>
      tier.kind === 'network'
        ? { ...tier, link: { ...tier.link, bytesPerSecond: 2 * tier.link.bytesPerSecond } }
        : tier,
    ),
  };
}

/** GPUs that are joined by more than PCIe. */
function withoutNodeLink(site: Site): readonly Change[] {
  const { hardware } = site.workload;
  const [inside] = hardware.tiers;
  if (inside === undefined || inside.gpus === 1 || inside.link.name.startsWith('PCIe')) return [];
  const pcie = onHardware(site, { interconnect: 'pcie' });
  const name = pcie.workload.hardware.tiers[0]?.link.name ?? 'PCIe';
  return [{ title: `without ${inside.link.name}, over ${name}`, site: pcie }];
}

/** The same GPUs, otherwise connected. */
function onHardware(site: Site, change: Partial<Allocation>): Site {
  const allocation = { ...site.allocation, ...change };
  const { memoryBytes } = site.workload.hardware;
  return { ...changed(site, { hardware: { ...hardwareOf(allocation), memoryBytes } }), allocation };
}

function fasterArithmetic(site: Site): Change {
  const { hardware } = site.workload;
  const { FP32, FP16, BF16 } = hardware.device.flopsPerSecond;
  const flopsPerSecond = { FP32: 2 * FP32, FP16: 2 * FP16, BF16: 2 * BF16 };
  return {
    title: 'twice the arithmetic of each GPU',
    site: changed(site, { hardware: { ...hardware, device: { ...hardware.device, flopsPerSecond } } }),
  };
}

function largerBatch(site: Site): Change {
  const { training } = site.workload;
  const globalBatchSize = 2 * training.globalBatchSize;
  return { title: 'twice the global batch', site: changed(site, { training: { ...training, globalBatchSize } }) };
}
