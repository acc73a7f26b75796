import { readFileSync } from 'node:fs';
import test from 'ava';
import { readNodeFile } from '../../src/cluster/node-file.ts';
import { readNodes } from '../../src/cluster/read-nodes.ts';
import type { GpuNode } from '../../src/cluster/topology.ts';
import { gpuNodes, NODE_KINDS } from '../cluster/nodes/gpu-nodes.ts';
import { nodeOf, pathOf, readOne } from './builders.ts';

for (const kind of NODE_KINDS) {
  test(`the nodes of ${kind} that tests with a control plane use can be read`, (t) => {
    const [node] = gpuNodes(kind, { count: 1 }).map((one) => structuredClone(one));
    const status = node?.status;
    // There, the simulated kubelet does this.
    Object.assign(status ?? {}, { conditions: [{ type: 'Ready', status: 'True' }] });
    const { excluded } = readNodes(node === undefined ? [] : [node], [], { tolerations: [{ operator: 'Exists' }] });
    t.deepEqual(excluded, []);
  });
}

interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly reads: Partial<GpuNode>;
}

function table(title: string, rows: Readonly<Record<string, Row>>): void {
  for (const [name, { labels, allocatable, reads }] of Object.entries(rows)) {
    test(`${title}: ${name}`, (t) => {
      const read = readOne(nodeOf(labels, allocatable));
      t.like(read, reads, JSON.stringify(read));
    });
  }
}

const gigabits = (number: number) => (number * 1e9) / 8;
const mebibytes = (number: number) => number * 2 ** 20;

test('a p4d node reads through its instance type before its GPUs have labels', (t) => {
  const { nodes } = readNodeFile(readFileSync(new URL('nodes/eks-p4d.yaml', import.meta.url), 'utf8'), 'nodes.yaml');
  t.deepEqual(
    nodes.map((node) => readOne(node)),
    [
      {
        name: 'ip-10-0-5-152.ap-northeast-2.compute.internal',
        product: 'NVIDIA-A100-SXM4-40GB',
        memoryBytes: mebibytes(40960),
        resource: 'nvidia.com/gpu',
        gpus: 8,
        free: 8,
        interconnect: 'nvlink',
        nvlinkDomain: null,
        path: pathOf(
          'region=ap-northeast-2/zone=ap-northeast-2b/network layer 1=nn-c79422f4e61deb9ca' +
            '/network layer 2=nn-6ff5053c3a4d86db7/network layer 3=nn-dcbcca51aebf4c95b',
        ),
        fabric: { kind: 'efa', bytesPerSecond: gigabits(400) },
        rdma: null,
      },
    ],
  );
});

test("an MI300X node reads by AMD's labels", (t) => {
  const { nodes } = readNodeFile(readFileSync(new URL('nodes/mi300x.yaml', import.meta.url), 'utf8'), 'nodes.yaml');
  t.like(nodes.map((node) => readOne(node))[0], {
    product: 'AMD_Instinct_MI300X_OAM',
    memoryBytes: 192 * 2 ** 30,
    resource: 'amd.com/gpu',
    gpus: 8,
    interconnect: 'xgmi',
    path: [],
    fabric: null,
  });
});

table('NVIDIA', {
  // k8s-device-plugin, docs/gpu-feature-discovery/README.md.
  'labels of the documentation, of a driver that leaves out the maker': {
    labels: {
      'nvidia.com/gpu.count': '8',
      'nvidia.com/gpu.family': 'ampere',
      'nvidia.com/gpu.machine': 'NVIDIA-DGX-2H',
      'nvidia.com/gpu.memory': '39538',
      'nvidia.com/gpu.product': 'A100-SXM4-40GB',
    },
    reads: { product: 'A100-SXM4-40GB', memoryBytes: mebibytes(39538), interconnect: 'nvlink' },
  },
  // An OpenShift node on AWS.
  'a virtual machine with one V100': {
    labels: {
      'nvidia.com/gpu.count': '1',
      'nvidia.com/gpu.machine': 'HVM-domU',
      'nvidia.com/gpu.memory': '16384',
      'nvidia.com/gpu.product': 'Tesla-V100-SXM2-16GB',
      'nvidia.com/gpu.replicas': '1',
      'nvidia.com/gpu.sharing-strategy': 'none',
    },
    allocatable: { 'nvidia.com/gpu': '1' },
    reads: { product: 'Tesla-V100-SXM2-16GB', gpus: 1, free: 1, interconnect: 'nvlink', nvlinkDomain: null },
  },
  'the machine tells of NVLink where the product does not': {
    labels: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3', 'nvidia.com/gpu.machine': 'DGXH100' },
    reads: { interconnect: 'nvlink' },
  },
  'PCIe cards': {
    labels: { 'nvidia.com/gpu.product': 'NVIDIA-A100-PCIE-40GB' },
    reads: { interconnect: 'pcie' },
  },
  // Labels of NVIDIA/k8s-device-plugin, docs/gpu-feature-discovery/README.md; the older three beside them.
  'the version of the driver': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-B200',
      'nvidia.com/cuda.driver-version.full': '575.57.08',
      'nvidia.com/cuda.driver.major': '575',
    },
    reads: { driver: '575.57.08' },
  },
  'the version of the driver as it was written before': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-B200',
      'nvidia.com/cuda.driver.major': '450',
      'nvidia.com/cuda.driver.minor': '80',
      'nvidia.com/cuda.driver.rev': '02',
    },
    reads: { driver: '450.80.02' },
  },
  'neither tells': { labels: { 'nvidia.com/gpu.product': 'NVIDIA-TITAN-Xp' }, reads: { interconnect: null } },
  'the clique of an NVL72': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-GB200',
      'nvidia.com/gpu.clique': '7b968a6d-c8aa-45e1-9e07-e1e51be99c31.1',
    },
    allocatable: { 'nvidia.com/gpu': '4' },
    reads: { nvlinkDomain: '7b968a6d-c8aa-45e1-9e07-e1e51be99c31.1' },
  },
  'the clique of GPUs on no fabric': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3',
      'nvidia.com/gpu.clique': '00000000-0000-0000-0000-000000000000.0',
    },
    reads: { nvlinkDomain: null },
  },
  'empty and odd values': {
    labels: { 'nvidia.com/gpu.product': 'NVIDIA-L4', 'nvidia.com/gpu.memory': '', 'nvidia.com/gpu.count': 'many' },
    reads: { memoryBytes: null, gpus: 8 },
  },
  'whole GPUs beside slices of the mixed MIG strategy': {
    labels: { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-40GB', 'nvidia.com/mig.strategy': 'mixed' },
    allocatable: { 'nvidia.com/gpu': '4', 'nvidia.com/mig-1g.5gb': '28' },
    reads: { gpus: 4 },
  },
});

table('AMD', {
  // k8s-device-plugin of ROCm, cmd/k8s-node-labeller: device ids in the counting form of beta.amd.com.
  'a labeller that names no product': {
    labels: {
      'beta.amd.com/gpu.device-id.74a1': '8',
      'beta.amd.com/gpu.family.AI': '8',
      'beta.amd.com/gpu.vram.192G': '8',
    },
    allocatable: { 'amd.com/gpu': '8' },
    reads: { product: 'AMD_Instinct_MI300X_OAM', memoryBytes: 192 * 2 ** 30, interconnect: 'xgmi' },
  },
  'whole GPUs of a partitionable one': {
    labels: {
      'amd.com/gpu.product-name': 'AMD_Instinct_MI325X_OAM',
      'amd.com/gpu.compute-memory-partition': 'spx_nps1',
    },
    allocatable: { 'amd.com/gpu': '8' },
    reads: { product: 'AMD_Instinct_MI325X_OAM' },
  },
  'a PCIe card': {
    labels: { 'amd.com/gpu.product-name': 'AMD_Instinct_MI210' },
    allocatable: { 'amd.com/gpu': '4' },
    reads: { interconnect: 'pcie' },
  },
});

const H100 = { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' };
const nfd = (...features: string[]) =>
  Object.fromEntries(features.map((feature) => [`feature.node.kubernetes.io/${feature}`, 'true']));

table('RDMA', {
  'a DGX H100 with the RDMA shared device plugin': {
    labels: { ...H100, ...nfd('pci-15b3.present', 'rdma.available', 'rdma.capable') },
    allocatable: { 'nvidia.com/gpu': '8', 'rdma/rdma_shared_device_a': '63' },
    reads: {
      fabric: { kind: 'infiniband', bytesPerSecond: null },
      rdma: { resource: 'rdma/rdma_shared_device_a', quantity: 63, allocatable: 63 },
    },
  },
  // AKS prints the quantity so.
  'a quantity in thousands': {
    labels: H100,
    allocatable: { 'nvidia.com/gpu': '8', 'rdma/hca_shared_devices_a': '1k' },
    reads: { rdma: { resource: 'rdma/hca_shared_devices_a', quantity: 1000, allocatable: 1000 } },
  },
  'RDMA on an Amazon card is no InfiniBand': {
    labels: { ...H100, ...nfd('pci-1d0f.present', 'rdma.available') },
    reads: { fabric: null, rdma: null },
  },
  'a Mellanox card without RDMA is no InfiniBand': {
    labels: { ...H100, ...nfd('pci-15b3.present') },
    reads: { fabric: null },
  },
  'virtual functions of OKE': {
    labels: H100,
    allocatable: { 'nvidia.com/gpu': '8', 'nvidia.com/rdma-vf': '16' },
    reads: {
      fabric: { kind: 'roce', bytesPerSecond: null },
      rdma: { resource: 'nvidia.com/rdma-vf', quantity: 16, allocatable: 16 },
    },
  },
});

table('AWS', {
  // karpenter.sh, reference, "Instance types": p5.48xlarge.
  'a p5 node with EFA devices': {
    labels: {
      'node.kubernetes.io/instance-type': 'p5.48xlarge',
      'karpenter.k8s.aws/instance-gpu-count': '8',
      'karpenter.k8s.aws/instance-gpu-memory': '81920',
      'karpenter.k8s.aws/instance-gpu-name': 'h100',
      'karpenter.k8s.aws/instance-network-bandwidth': '3200000',
    },
    allocatable: { 'nvidia.com/gpu': '8', 'vpc.amazonaws.com/efa': '32' },
    reads: {
      product: 'NVIDIA-H100-80GB-HBM3',
      fabric: { kind: 'efa', bytesPerSecond: gigabits(3200) },
      rdma: { resource: 'vpc.amazonaws.com/efa', quantity: 32, allocatable: 32 },
    },
  },
  'labels of the GPU go before the instance type': {
    labels: {
      ...H100,
      'nvidia.com/gpu.memory': '81559',
      'node.kubernetes.io/instance-type': 'p5.48xlarge',
    },
    reads: { memoryBytes: mebibytes(81559) },
  },
  'an instance type that only Karpenter knows': {
    labels: {
      'node.kubernetes.io/instance-type': 'g7.48xlarge',
      'karpenter.k8s.aws/instance-gpu-manufacturer': 'nvidia',
      'karpenter.k8s.aws/instance-gpu-memory': '32768',
      'karpenter.k8s.aws/instance-gpu-name': 'rtx-pro-4500',
      'karpenter.k8s.aws/instance-network-bandwidth': '700000',
    },
    reads: {
      product: 'NVIDIA-RTX-PRO-4500',
      memoryBytes: mebibytes(32768),
      fabric: { kind: 'ethernet', bytesPerSecond: gigabits(700) },
    },
  },
  'an EKS Auto Mode node': {
    labels: { 'eks.amazonaws.com/instance-gpu-name': 'h100', 'eks.amazonaws.com/instance-gpu-memory': '81920' },
    reads: { product: 'NVIDIA-H100', memoryBytes: mebibytes(81920) },
  },
  'four layers in the order of their numbers': {
    labels: {
      ...H100,
      'topology.k8s.aws/network-node-layer-4': 'd',
      'topology.k8s.aws/network-node-layer-2': 'b',
      'topology.k8s.aws/network-node-layer-1': 'a',
      'topology.k8s.aws/network-node-layer-3': 'c',
    },
    reads: { path: pathOf('network layer 1=a/network layer 2=b/network layer 3=c/network layer 4=d') },
  },
  'an UltraServer': {
    labels: {
      'node.kubernetes.io/instance-type': 'p6e-gb200.36xlarge',
      'topology.k8s.aws/ultraserver-id': 'us-0123456789abcdef0',
    },
    allocatable: { 'nvidia.com/gpu': '4' },
    reads: { product: 'NVIDIA-GB200', nvlinkDomain: 'us-0123456789abcdef0' },
  },
  'the first V100 instances': {
    labels: { 'node.kubernetes.io/instance-type': 'p3.16xlarge' },
    reads: { product: 'Tesla-V100-SXM2-16GB', fabric: { kind: 'ethernet', bytesPerSecond: gigabits(25) } },
  },
  'small instances have no EFA': {
    labels: { 'beta.kubernetes.io/instance-type': 'g5.xlarge' },
    allocatable: { 'nvidia.com/gpu': '1' },
    reads: {
      product: 'NVIDIA-A10G',
      interconnect: 'pcie',
      fabric: { kind: 'ethernet', bytesPerSecond: gigabits(2.5) },
    },
  },
});

table('Google Cloud', {
  'an A3 Ultra node': {
    labels: {
      'cloud.google.com/gke-accelerator': 'nvidia-h200-141gb',
      'cloud.google.com/gce-topology-block': 'b1',
      'cloud.google.com/gce-topology-subblock': 's1',
      'cloud.google.com/gce-topology-host': 'h1',
      'node.kubernetes.io/instance-type': 'a3-ultragpu-8g',
      'topology.kubernetes.io/region': 'europe-west1',
      'topology.kubernetes.io/zone': 'europe-west1-b',
    },
    allocatable: { 'nvidia.com/gpu': '8', 'networking.gke.io.networks/rdma-0': '1' },
    reads: {
      product: 'NVIDIA-H200',
      nvlinkDomain: null,
      path: pathOf('region=europe-west1/zone=europe-west1-b/block=b1/sub-block=s1/host=h1'),
      fabric: { kind: 'roce', bytesPerSecond: gigabits(3200) },
      rdma: null,
    },
  },
  'a sub-block of A4X is an NVL72 domain, unique in its block': {
    labels: {
      'cloud.google.com/gke-accelerator': 'nvidia-gb200',
      'cloud.google.com/gce-topology-block': 'b1',
      'cloud.google.com/gce-topology-subblock': 's1',
      'cloud.google.com/gce-topology-host': 'h1',
    },
    allocatable: { 'nvidia.com/gpu': '4' },
    reads: { product: 'NVIDIA-GB200', nvlinkDomain: 'b1/s1' },
  },
  'an accelerator of an N1 node': {
    labels: {
      'cloud.google.com/gke-accelerator': 'nvidia-tesla-v100',
      'node.kubernetes.io/instance-type': 'n1-standard-96',
    },
    reads: { product: 'Tesla-V100-SXM2-16GB', memoryBytes: mebibytes(16384), fabric: null },
  },
});

const OCI = 'oci.oraclecloud.com/rdma.';

table('Oracle Cloud', {
  'places of a cluster network': {
    labels: {
      ...H100,
      'node.kubernetes.io/instance-type': 'BM.GPU.H100.8',
      [`${OCI}hpc_island_id`]: 'q5lamjhzfca',
      [`${OCI}network_block_id`]: 'ybaqpf3vrua',
      [`${OCI}local_block_id`]: 'rqo4swmclaq',
      [`${OCI}host_id`]: '7e3qcz5zxhq',
    },
    reads: {
      path: pathOf('HPC island=q5lamjhzfca/network block=ybaqpf3vrua/local block=rqo4swmclaq'),
      fabric: { kind: 'roce', bytesPerSecond: gigabits(3200) },
    },
  },
  'a Mellanox card is RoCE there': {
    labels: {
      'node.kubernetes.io/instance-type': 'BM.GPU4.8',
      ...nfd('pci-15b3.present', 'rdma.available', 'rdma.capable'),
    },
    reads: { product: 'NVIDIA-A100-SXM4-40GB', fabric: { kind: 'roce', bytesPerSecond: gigabits(1600) } },
  },
});

for (const absent of ['', '-', 'none', 'no-imds-data', 'not-available', 'null', 'unknown', 'Unknown', ' ']) {
  table('Oracle Cloud', {
    [`${JSON.stringify(absent)} is no place`]: {
      labels: {
        ...H100,
        [`${OCI}hpc_island_id`]: absent,
        [`${OCI}network_block_id`]: absent,
        [`${OCI}local_block_id`]: absent,
      },
      reads: { path: [], fabric: null },
    },
  });
}

table('CoreWeave', {
  'an H100 node on InfiniBand': {
    labels: {
      ...H100,
      'backend.coreweave.cloud/flavor': 'infiniband',
      'backend.coreweave.cloud/fabric': 'f1',
      'backend.coreweave.cloud/superpod': '2',
      'backend.coreweave.cloud/leafgroup': '3',
      'ib.coreweave.cloud/speed': '3200G',
    },
    allocatable: { 'nvidia.com/gpu': '8', 'rdma/ib': '1' },
    reads: {
      path: pathOf('fabric=f1/superpod=2/leaf group=3'),
      fabric: { kind: 'infiniband', bytesPerSecond: gigabits(3200) },
      rdma: { resource: 'rdma/ib', quantity: 1, allocatable: 1 },
    },
  },
  'labels before the backend schema': {
    labels: { ...H100, 'ib.coreweave.cloud/fabric': 'f1', 'ib.coreweave.cloud/superpod': '2' },
    reads: { path: pathOf('fabric=f1/superpod=2'), fabric: { kind: 'infiniband', bytesPerSecond: null } },
  },
  'no GPU feature discovery': {
    labels: {
      'gpu.nvidia.com/class': 'H100_NVLINK_80GB',
      'gpu.nvidia.com/count': '8',
      'gpu.nvidia.com/model': 'H100_NVLINK_80GB',
      'gpu.nvidia.com/vram': '81',
      'node.kubernetes.io/instance-type': 'gd-8xh100ib-i128',
    },
    reads: { product: 'NVIDIA-H100-80GB-HBM3', memoryBytes: mebibytes(81559), interconnect: 'nvlink' },
  },
  'a class that is not in the table': {
    labels: { 'gpu.nvidia.com/class': 'Quadro_RTX_5000' },
    reads: { product: 'Quadro_RTX_5000', memoryBytes: null },
  },
  'an NVL72 domain in its leaf group': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-GB200',
      'backend.coreweave.cloud/fabric': 'f1',
      'backend.coreweave.cloud/leafgroup': '3',
      'ds.coreweave.com/nvlink.domain': 'd7',
    },
    reads: { nvlinkDomain: 'f1/3/d7' },
  },
  'no InfiniBand at all': {
    labels: { ...H100, 'ib.coreweave.cloud/speed': '0G' },
    reads: { path: [], fabric: null },
  },
  RoCE: {
    labels: { ...H100, 'backend.coreweave.cloud/flavor': 'roce' },
    allocatable: { 'nvidia.com/gpu': '8', 'rdma/roce_gdr': '1' },
    reads: {
      fabric: { kind: 'roce', bytesPerSecond: null },
      rdma: { resource: 'rdma/roce_gdr', quantity: 1, allocatable: 1 },
    },
  },
});

table('Azure', {
  'an ND H100 v5 size': {
    labels: { 'node.kubernetes.io/instance-type': 'Standard_ND96isr_H100_v5' },
    allocatable: { 'nvidia.com/gpu': '8', 'rdma/hca_shared_devices_a': '1k' },
    reads: { product: 'NVIDIA-H100-80GB-HBM3', fabric: { kind: 'infiniband', bytesPerSecond: gigabits(3200) } },
  },
  'an NC A100 v4 size has PCIe cards': {
    labels: { 'node.kubernetes.io/instance-type': 'Standard_NC96ads_A100_v4' },
    allocatable: { 'nvidia.com/gpu': '4' },
    reads: { interconnect: 'pcie', fabric: { kind: 'ethernet', bytesPerSecond: gigabits(80) } },
  },
  MI300X: {
    labels: { 'node.kubernetes.io/instance-type': 'Standard_ND96isr_MI300X_v5' },
    allocatable: { 'amd.com/gpu': '8' },
    reads: { product: 'AMD_Instinct_MI300X_OAM', interconnect: 'xgmi' },
  },
});

// Label keys: NVIDIA/topograph, docs/reference/node-labels.md and its change log.
table('Topograph', {
  'from 1.0, tiers in the order of their numbers': {
    labels: {
      ...H100,
      'fabric.topograph.run/tier-0': 'leaf',
      'fabric.topograph.run/tier-1': 'spine',
      'fabric.topograph.run/tier-10': 'core',
      'accelerator.topograph.run/domain': 'capacity-block',
    },
    reads: {
      nvlinkDomain: null,
      path: pathOf('fabric tier 10=core/fabric tier 1=spine/fabric tier 0=leaf'),
    },
  },
  'an accelerator domain of GPUs that have one beyond the node': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-GB200',
      'fabric.topograph.run/tier-0': 'leaf',
      'fabric.topograph.run/tier-1': 'spine',
      'accelerator.topograph.run/domain': 'nvl1',
      'accelerator.topograph.run/sub-domain': 'nvl1.a',
    },
    reads: { nvlinkDomain: 'spine/nvl1' },
  },
  '0.3 to 0.5': {
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-GB200',
      'network.topology.nvidia.com/accelerator': 'nvl1',
      'network.topology.nvidia.com/leaf': 's1',
      'network.topology.nvidia.com/spine': 's2',
      'network.topology.nvidia.com/core': 's3',
    },
    reads: { nvlinkDomain: 's3/s2/nvl1', path: pathOf('core=s3/spine=s2/leaf=s1') },
  },
  '0.1': {
    labels: {
      ...H100,
      'network.topology.nvidia.com/block': 'b',
      'network.topology.nvidia.com/spine': 's',
      'network.topology.nvidia.com/datacenter': 'd',
    },
    reads: { path: pathOf('datacenter=d/spine=s/block=b') },
  },
  'the cloud goes before Topograph': {
    labels: { ...H100, 'topology.k8s.aws/network-node-layer-1': 'nn-1', 'fabric.topograph.run/tier-0': 'other' },
    reads: { path: pathOf('network layer 1=nn-1') },
  },
});

table('common labels', {
  'region, zone and rack': {
    labels: {
      ...H100,
      'topology.kubernetes.io/region': 'r',
      'topology.kubernetes.io/zone': 'z',
      'topology.kubernetes.io/rack': '7',
    },
    reads: { path: pathOf('region=r/zone=z/rack=7') },
  },
  'empty values are none': {
    labels: { ...H100, 'topology.kubernetes.io/zone': '', 'topology.kubernetes.io/rack': ' ' },
    reads: { path: [] },
  },
});
