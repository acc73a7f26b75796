import { gpuFeatureDiscovery, H100 } from './gpu-feature-discovery.ts';
import { hex, type Labels, NVIDIA_TAINT, type NodeKind, type Place } from './node-kind.ts';
import { eksResources } from './resources.ts';

/**
 * The nearest layer is the highest number
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-topology-works.html).
 */
function networkNodes({ leaf, spine }: Place): Labels {
  return {
    'topology.k8s.aws/network-node-layer-1': 'nn-c79422f4e61deb9ca',
    'topology.k8s.aws/network-node-layer-2': `nn-6ff5053c3a4d86d${hex(spine)}`,
    'topology.k8s.aws/network-node-layer-3': `nn-dcbcca51aebf4c9${hex(leaf)}`,
  };
}

const EFA_NFD: Labels = {
  'feature.node.kubernetes.io/pci-10de.present': 'true',
  'feature.node.kubernetes.io/pci-1d0f.present': 'true',
  'feature.node.kubernetes.io/rdma.available': 'true',
};

/**
 * 8 A100 40GB, 400 Gbit/s. Labels, taint and allocatable as seen on an EKS 1.34 node 49 s after it joined, before GPU
 * feature discovery had labelled it; its capacity is what eksResources computes.
 */
export const p4d: NodeKind = {
  labels: (place) => ({
    ...EFA_NFD,
    ...networkNodes(place),
    'karpenter.k8s.aws/instance-category': 'p',
    'karpenter.k8s.aws/instance-family': 'p4d',
    'karpenter.k8s.aws/instance-gpu-count': '8',
    'karpenter.k8s.aws/instance-gpu-manufacturer': 'nvidia',
    'karpenter.k8s.aws/instance-gpu-memory': '40960',
    'karpenter.k8s.aws/instance-gpu-name': 'a100',
    'karpenter.k8s.aws/instance-network-bandwidth': '400000',
    'karpenter.sh/capacity-type': 'spot',
    'node.kubernetes.io/instance-type': 'p4d.24xlarge',
    'topology.k8s.aws/zone-id': 'apne2-az2',
    'topology.kubernetes.io/region': 'ap-northeast-2',
    'topology.kubernetes.io/zone': 'ap-northeast-2b',
  }),
  ...eksResources({ cpus: 96, memoryGiB: 1152, pods: 737, devices: { 'nvidia.com/gpu': '8' } }),
  taints: [NVIDIA_TAINT],
};

/**
 * 8 H100, 32 EFA interfaces with 3200 Gbit/s in all, 192 vCPU, 2048 GiB (https://aws.amazon.com/ec2/instance-types/p5/),
 * in a node group with GPU feature discovery and the EFA device plugin, which reports `vpc.amazonaws.com/efa: 32`
 * (https://docs.aws.amazon.com/eks/latest/userguide/node-efa.html).
 */
export const p5: NodeKind = {
  labels: (place) => ({
    ...EFA_NFD,
    ...networkNodes(place),
    ...gpuFeatureDiscovery({ ...H100, machine: 'p5.48xlarge' }),
    'eks.amazonaws.com/capacityType': 'CAPACITY_BLOCK',
    'eks.amazonaws.com/nodegroup': 'p5',
    'node.kubernetes.io/instance-type': 'p5.48xlarge',
    'topology.k8s.aws/zone-id': 'use1-az6',
    'topology.kubernetes.io/region': 'us-east-1',
    'topology.kubernetes.io/zone': 'us-east-1a',
  }),
  ...eksResources({
    cpus: 192,
    memoryGiB: 2048,
    pods: 100,
    devices: { 'nvidia.com/gpu': '8', 'vpc.amazonaws.com/efa': '32' },
  }),
};

/**
 * 8 V100 32GB with NVLink, one EFA interface with 100 Gbit/s, 96 vCPU, 768 GiB
 * (https://aws.amazon.com/ec2/instance-types/p3/); no network-node labels: EC2 reports the topology of few older types.
 */
export const p3dn: NodeKind = {
  labels: () => ({
    ...EFA_NFD,
    ...gpuFeatureDiscovery({
      product: 'Tesla-V100-SXM2-32GB',
      count: 8,
      memory: 32768,
      family: 'volta',
      compute: '7.0',
      machine: 'p3dn.24xlarge',
    }),
    'node.kubernetes.io/instance-type': 'p3dn.24xlarge',
    'topology.kubernetes.io/region': 'us-east-1',
    'topology.kubernetes.io/zone': 'us-east-1b',
  }),
  ...eksResources({
    cpus: 96,
    memoryGiB: 768,
    pods: 737,
    devices: { 'nvidia.com/gpu': '8', 'vpc.amazonaws.com/efa': '1' },
  }),
};
