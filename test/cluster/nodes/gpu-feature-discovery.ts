import type { Labels } from './node-kind.ts';

interface NvidiaGpus {
  /** As nvidia-smi names it, with dashes for spaces. */
  readonly product: string;
  readonly count: number;
  /** Of one GPU, in MiB, as nvidia-smi shows it. */
  readonly memory: number;
  readonly family: 'pascal' | 'volta' | 'ampere' | 'hopper' | 'blackwell';
  /** Compute capability, such as `9.0`. */
  readonly compute: `${number}.${number}`;
  /** The product name in the machine's firmware. */
  readonly machine?: string;
}

/**
 * What NVIDIA GPU feature discovery writes on a node: keys as documented in
 * https://github.com/NVIDIA/k8s-device-plugin/tree/main/docs/gpu-feature-discovery; a whole set as seen on an 8-GPU
 * H100 server is in https://github.com/NVIDIA/k8s-device-plugin/issues/1501.
 */
export function gpuFeatureDiscovery({ product, count, memory, family, compute, machine }: NvidiaGpus): Labels {
  const [major, minor] = compute.split('.');
  return {
    'feature.node.kubernetes.io/pci-10de.present': 'true',
    'nvidia.com/gpu.compute.major': String(major),
    'nvidia.com/gpu.compute.minor': String(minor),
    'nvidia.com/gpu.count': String(count),
    'nvidia.com/gpu.family': family,
    ...(machine !== undefined && { 'nvidia.com/gpu.machine': machine }),
    'nvidia.com/gpu.memory': String(memory),
    'nvidia.com/gpu.mode': 'compute',
    'nvidia.com/gpu.present': 'true',
    'nvidia.com/gpu.product': product,
    'nvidia.com/gpu.replicas': '1',
    'nvidia.com/gpu.sharing-strategy': 'none',
    'nvidia.com/mig.capable': String(Number(major) >= 8),
  };
}

/** Node feature discovery's labels of a node with Mellanox (ConnectX) adapters and the RDMA modules loaded. */
export const MELLANOX_RDMA: Labels = {
  'feature.node.kubernetes.io/pci-15b3.present': 'true',
  'feature.node.kubernetes.io/rdma.available': 'true',
  'feature.node.kubernetes.io/rdma.capable': 'true',
};

export const H100 = {
  product: 'NVIDIA-H100-80GB-HBM3',
  count: 8,
  memory: 81559,
  family: 'hopper',
  compute: '9.0',
} as const;
