import { gpuFeatureDiscovery, H100, MELLANOX_RDMA } from './gpu-feature-discovery.ts';
import { hex, NVIDIA_TAINT, type NodeKind } from './node-kind.ts';
import { gkeResources, plainResources } from './resources.ts';

/**
 * GKE a3-megagpu-8g: 8 H100, 8 × 200 Gbit/s for the GPUs, 208 vCPU, 1872 GB
 * (https://cloud.google.com/compute/docs/accelerator-optimized-machines). GKE installs its own device plugin, so there
 * is no GPU feature discovery; the place as in
 * https://cloud.google.com/ai-hypercomputer/docs/workloads/schedule-gke-workloads-tas, hashes by us.
 */
export const gkeA3Mega: NodeKind = {
  labels: ({ node, leaf, spine }) => ({
    'cloud.google.com/gce-topology-block': `3e50e1ab9d8f4c0b8a2d5f7c1e6b90${hex(spine)}`,
    'cloud.google.com/gce-topology-subblock': `9f1c0d7a5b3e4f6897a1c2d3e4f5a6${hex(leaf)}`,
    'cloud.google.com/gce-topology-host': `5a7b9c1d2e3f40516273849586a7b8${hex(node)}`,
    'cloud.google.com/gke-accelerator': 'nvidia-h100-mega-80gb',
    'cloud.google.com/gke-gpu': 'true',
    'cloud.google.com/gke-nodepool': 'a3-mega',
    'cloud.google.com/machine-family': 'a3',
    'node.kubernetes.io/instance-type': 'a3-megagpu-8g',
    'topology.kubernetes.io/region': 'us-central1',
    'topology.kubernetes.io/zone': 'us-central1-a',
  }),
  ...gkeResources({
    cpus: 208,
    memoryGiB: 1872,
    pods: 110,
    devices: {
      'nvidia.com/gpu': '8',
      ...Object.fromEntries(range(8).map((nic) => [`networking.gke.io.networks/gpu-nic${nic}`, '1'])),
    },
  }),
  taints: [NVIDIA_TAINT],
};

/**
 * OKE BM.GPU.H100.8: 8 H100, 16 × 200 Gbit/s RDMA over Ethernet as virtual functions, 224 threads, 2048 GB
 * (https://docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm); the place in hashed labels
 * (https://github.com/oracle-quickstart/oci-hpc-oke, docs on RDMA network locality).
 */
export const ociH100: NodeKind = {
  labels: ({ node, leaf, spine }) => ({
    ...gpuFeatureDiscovery(H100),
    ...MELLANOX_RDMA,
    'node.kubernetes.io/instance-type': 'BM.GPU.H100.8',
    'oci.oraclecloud.com/rdma.hpc_island_id': 'af7ubvouuyq',
    'oci.oraclecloud.com/rdma.network_block_id': `7xmzl4p4w${hex(spine)}`,
    'oci.oraclecloud.com/rdma.local_block_id': `4tjxbt4s6${hex(leaf)}`,
    'oci.oraclecloud.com/rdma.host_id': `ab3zs7y7v${hex(node)}`,
    'topology.kubernetes.io/region': 'us-ashburn-1',
    'topology.kubernetes.io/zone': 'US-ASHBURN-AD-2',
  }),
  ...plainResources({
    cpus: 224,
    memoryGiB: 2048,
    pods: 110,
    devices: { 'nvidia.com/gpu': '8', 'nvidia.com/rdma-vf': '16' },
  }),
  taints: [NVIDIA_TAINT],
};

/**
 * CoreWeave gd-8xh100ib-i128: 8 H100, 8 × 400 Gbit/s InfiniBand, 128 vCPU, 2048 GB. The fabric by
 * https://docs.coreweave.com/products/networking/hpc-interconnect/infiniband-roce-labels, widest first fabric,
 * superpod, leafgroup; no GPU feature discovery but labels of its own.
 */
export const coreweaveH100: NodeKind = {
  labels: ({ leaf, spine }) => ({
    'backend.coreweave.cloud/fabric': 'us-east-04a-ib-1',
    'backend.coreweave.cloud/flavor': 'infiniband',
    'backend.coreweave.cloud/leafgroup': String(leaf + 1),
    'backend.coreweave.cloud/superpod': String(spine + 1),
    'gpu.nvidia.com/class': 'H100_NVLINK_80GB',
    'gpu.nvidia.com/count': '8',
    'gpu.nvidia.com/model': 'H100_NVLINK_80GB',
    'gpu.nvidia.com/vram': '81',
    'ib.coreweave.cloud/speed': '3200G',
    'node.kubernetes.io/instance-type': 'gd-8xh100ib-i128',
    'topology.kubernetes.io/region': 'US-EAST-04A',
  }),
  ...plainResources({
    cpus: 128,
    memoryGiB: 2048,
    pods: 110,
    devices: { 'nvidia.com/gpu': '8', 'rdma/ib': '1k' },
  }),
};

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
