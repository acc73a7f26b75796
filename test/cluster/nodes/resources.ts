import type { Resources } from './node-kind.ts';

/** A node's size: logical CPUs, memory in GiB as sold, and extended resources such as GPUs. */
interface Size {
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly pods: number;
  readonly devices: Resources;
}

type NodeResources = Readonly<Record<'capacity' | 'allocatable', Resources>>;

/**
 * The share of a machine's memory that Linux leaves to processes: measured on a p4d.24xlarge, which is sold with
 * 1152 GiB and reports 1176300008 KiB.
 */
const USABLE_MEMORY = 1_176_300_008 / (1152 * 2 ** 20);

/** What the kubelet keeps free by default (`--eviction-hard=memory.available<100Mi`), in MiB. */
const EVICTION_MIB = 100;

/**
 * Amazon EKS reserves 255 MiB and 11 MiB for each pod that the node may run
 * (https://github.com/awslabs/amazon-eks-ami, nodeadm); exact for the p4d.24xlarge in aws.ts.
 */
export function eksResources(size: Size): NodeResources {
  return resources(size, { cpuMillis: cloudCpuReservation(size.cpus), memoryMiB: 255 + 11 * size.pods });
}

/**
 * GKE reserves 25% of the first 4 GiB of memory, 20% of the next 4, 10% of the next 8, 6% of the next 112 and 2% of the
 * rest (https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes).
 */
export function gkeResources(size: Size): NodeResources {
  const memoryGiB = 0.25 * 4 + 0.2 * 4 + 0.1 * 8 + 0.06 * 112 + 0.02 * (size.memoryGiB - 128);
  return resources(size, { cpuMillis: cloudCpuReservation(size.cpus), memoryMiB: Math.round(memoryGiB * 1024) });
}

/** A kubelet that nobody configured reserves nothing. */
export function plainResources(size: Size): NodeResources {
  return resources(size, { cpuMillis: 0, memoryMiB: 0 });
}

/** EKS and GKE alike reserve 6% of the first CPU, 1% of the second, 0.5% of two more and 0.25% of the rest. */
function cloudCpuReservation(cpus: number): number {
  return 60 + 10 + 2 * 5 + 2.5 * (cpus - 4);
}

function resources(
  { cpus, memoryGiB, pods, devices }: Size,
  reserved: { readonly cpuMillis: number; readonly memoryMiB: number },
): NodeResources {
  const memoryKi = Math.round(memoryGiB * 2 ** 20 * USABLE_MEMORY);
  const allocatableKi = memoryKi - (reserved.memoryMiB + EVICTION_MIB) * 1024;
  const rest = { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', pods: String(pods), ...devices };
  return {
    capacity: { cpu: String(cpus), memory: `${memoryKi}Ki`, ...rest },
    allocatable: { cpu: `${cpus * 1000 - reserved.cpuMillis}m`, memory: `${allocatableKi}Ki`, ...rest },
  };
}
