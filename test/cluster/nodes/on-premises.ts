import { gpuFeatureDiscovery, H100, MELLANOX_RDMA } from './gpu-feature-discovery.ts';
import type { NodeKind } from './node-kind.ts';
import { plainResources } from './resources.ts';

/** What NVIDIA's network operator calls shared InfiniBand adapters by default, with its default number of sharers. */
const SHARED_HCA = { 'rdma/hca_shared_devices_a': '63' };

/**
 * DGX H100: 8 H100, 8 × 400 Gbit/s InfiniBand, 224 threads, 2 TB
 * (https://docs.nvidia.com/dgx/dgxh100-user-guide/introduction-to-dgxh100.html). The switches by Topograph 0.3 to 0.5,
 * widest first core, spine, leaf (https://github.com/NVIDIA/topograph, docs/engines/k8s.md of those releases).
 */
export const dgxH100: NodeKind = {
  labels: ({ leaf, spine }) => ({
    ...gpuFeatureDiscovery({ ...H100, machine: 'DGXH100' }),
    ...MELLANOX_RDMA,
    'network.topology.nvidia.com/core': 'core-0',
    'network.topology.nvidia.com/spine': `spine-${spine}`,
    'network.topology.nvidia.com/leaf': `leaf-${leaf}`,
  }),
  ...plainResources({ cpus: 224, memoryGiB: 2048, pods: 110, devices: { 'nvidia.com/gpu': '8', ...SHARED_HCA } }),
};

/**
 * DGX A100 320GB: 8 A100 40GB, 8 × 200 Gbit/s InfiniBand, 256 threads, 1 TB
 * (https://docs.nvidia.com/dgx/dgxa100-user-guide/introduction-to-dgxa100.html); racks by the generic label.
 */
export const dgxA100: NodeKind = {
  labels: ({ leaf }) => ({
    ...gpuFeatureDiscovery({
      product: 'NVIDIA-A100-SXM4-40GB',
      count: 8,
      memory: 40960,
      family: 'ampere',
      compute: '8.0',
      machine: 'DGXA100-920-23687-2530-000',
    }),
    ...MELLANOX_RDMA,
    'topology.kubernetes.io/rack': `rack-${leaf}`,
  }),
  ...plainResources({ cpus: 256, memoryGiB: 1024, pods: 110, devices: { 'nvidia.com/gpu': '8', ...SHARED_HCA } }),
};

/**
 * DGX B200: 8 B200, 8 × 400 Gbit/s InfiniBand, 224 threads, 2 TB
 * (https://docs.nvidia.com/dgx/dgxb200-user-guide/introduction-to-dgxb200.html). The switches by Topograph 1.0, tier 0
 * nearest (https://github.com/NVIDIA/topograph, docs/reference/node-labels.md).
 */
export const dgxB200: NodeKind = {
  labels: ({ leaf, spine }) => ({
    ...gpuFeatureDiscovery({
      product: 'NVIDIA-B200',
      count: 8,
      memory: 183359,
      family: 'blackwell',
      compute: '10.0',
      machine: 'DGXB200',
    }),
    ...MELLANOX_RDMA,
    'fabric.topograph.run/tier-0': `leaf-${leaf}`,
    'fabric.topograph.run/tier-1': `spine-${spine}`,
    'fabric.topograph.run/tier-2': 'core-0',
  }),
  ...plainResources({ cpus: 224, memoryGiB: 2048, pods: 110, devices: { 'nvidia.com/gpu': '8', ...SHARED_HCA } }),
};

/**
 * A compute tray of GB200 NVL72: 4 GB200, 2 Grace processors with 72 cores each, 960 GB; 18 trays are one NVLink domain
 * (https://www.nvidia.com/en-us/data-center/gb200-nvl72/), which GPU feature discovery names as cluster and clique and
 * Topograph 1.0 as accelerator domain. GPU memory as nvidia-smi shows it.
 */
export const gb200: NodeKind = {
  labels: ({ leaf, spine }) => {
    const clique = `7f3c2a10-5b4e-4d6a-9c1e-2b8f0e6d4a91.${leaf + 1}`;
    return {
      ...gpuFeatureDiscovery({
        product: 'NVIDIA-GB200',
        count: 4,
        memory: 189471,
        family: 'blackwell',
        compute: '10.0',
      }),
      ...MELLANOX_RDMA,
      'nvidia.com/gpu.clique': clique,
      'accelerator.topograph.run/domain': clique,
      'fabric.topograph.run/tier-0': `leaf-${leaf}`,
      'fabric.topograph.run/tier-1': `spine-${spine}`,
    };
  },
  ...plainResources({ cpus: 144, memoryGiB: 894, pods: 110, devices: { 'nvidia.com/gpu': '4', ...SHARED_HCA } }),
  architecture: 'arm64',
  nodesPerLeaf: 18,
};

/**
 * 8 MI300X; labels as AMD's node labeller documents them
 * (https://github.com/ROCm/k8s-device-plugin, cmd/k8s-node-labeller). CPUs and memory of a usual two-socket server.
 */
export const mi300x: NodeKind = {
  labels: () => ({
    'amd.com/gpu.cu-count': '304',
    'amd.com/gpu.device-id': '74a1',
    'amd.com/gpu.family': 'AI',
    'amd.com/gpu.product-name': 'AMD_Instinct_MI300X_OAM',
    'amd.com/gpu.simd-count': '1216',
    'amd.com/gpu.vram': '192G',
    'feature.node.kubernetes.io/amd-gpu': 'true',
  }),
  ...plainResources({ cpus: 192, memoryGiB: 2304, pods: 110, devices: { 'amd.com/gpu': '8' } }),
};

/**
 * 4 TITAN Xp 12GB on PCIe and 10 Gbit/s Ethernet, as UniAP's second environment (arXiv 2307.16375, section 4); CPUs
 * and memory of a usual server of that time. No label tells the speed of plain Ethernet.
 */
export const titanXp: NodeKind = {
  labels: () =>
    gpuFeatureDiscovery({ product: 'NVIDIA-TITAN-Xp', count: 4, memory: 12288, family: 'pascal', compute: '6.1' }),
  ...plainResources({ cpus: 40, memoryGiB: 256, pods: 110, devices: { 'nvidia.com/gpu': '4' } }),
};
