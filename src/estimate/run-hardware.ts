/** What a run's GPUs are and how they are connected. */
import type { Allocation, FabricKind } from '../cluster/topology.ts';
import { hardwareOf, type Hardware } from '../cost/hardware.ts';
import { OMNI_PATH_EFFICIENCY } from '../profile/efficiency.ts';
import type { RunMachine } from './run.ts';

/** @throws {UserError} where the catalogue does not know the device */
export function hardwareOfRun(machine: RunMachine): Hardware {
  const hardware = hardwareOf(allocationOf(machine));
  if (!/omni-?path/.test(machine.network)) return hardware;
  const tiers = hardware.tiers.map((tier) =>
    tier.kind === 'network' ? { ...tier, efficiency: OMNI_PATH_EFFICIENCY } : tier,
  );
  return { ...hardware, tiers };
}

function allocationOf({ device, memoryBytes, gpus, gpusPerNode, ...machine }: RunMachine): Allocation {
  const nodes = Math.ceil(gpus / gpusPerNode);
  const node = { kind: 'node', gpus: gpusPerNode, name: 'node' } as const;
  const network = { kind: 'network', gpus: nodes * gpusPerNode, name: 'network' } as const;
  const bits = machine.networkBitsPerSecond ?? gpusPerNode * usualBitsPerGpu(device);
  return {
    product: device,
    memoryBytes,
    resource: '',
    interconnect: machine.nodeLink.includes('pci') && !machine.nodeLink.includes('nv') ? 'pcie' : null,
    fabric: { kind: fabricOf(machine.network), bytesPerSecond: bits / 8 },
    rdma: null,
    gpusPerNode,
    nodeGpus: gpusPerNode,
    nodes: Array.from({ length: nodes }, (_, index) => ({ name: `node-${index}`, gpus: gpusPerNode })),
    tiers: nodes === 1 ? [node] : [node, network],
  };
}

/** Where a run does not name its network, it is taken to be that of NVIDIA's own server: user guides of DGX A100, H100 and B200. */
const USUAL_NETWORK: readonly (readonly [device: RegExp, bitsPerGpu: number])[] = [
  [/v100|p100/i, 50e9],
  [/a100|a800|a30|a40/i, 200e9],
];
const NEWEST_NETWORK = 400e9;

function usualBitsPerGpu(device: string): number {
  return USUAL_NETWORK.find(([pattern]) => pattern.test(device))?.[1] ?? NEWEST_NETWORK;
}

function fabricOf(network: string): FabricKind {
  if (network.includes('roce')) return 'roce';
  if (network.includes('efa')) return 'efa';
  return /ethernet|gbe|tcp/.test(network) && !network.includes('rdma') ? 'ethernet' : 'infiniband';
}
