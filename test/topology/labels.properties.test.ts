import test from 'ava';
import fc from 'fast-check';
import { allocate } from '../../src/cluster/allocate.ts';
import { readNodes } from '../../src/cluster/read-nodes.ts';
import { describeShortage } from '../../src/cluster/shortage.ts';
import { nodeOf, podOn } from './builders.ts';

const KEYS = [
  'nvidia.com/gpu.product',
  'nvidia.com/gpu.count',
  'nvidia.com/gpu.memory',
  'nvidia.com/gpu.machine',
  'nvidia.com/gpu.clique',
  'nvidia.com/gpu.replicas',
  'amd.com/gpu.product-name',
  'amd.com/gpu.product-name.AMD_Instinct_MI300X',
  'amd.com/gpu.vram',
  'beta.amd.com/gpu.device-id.74a1',
  'amd.com/gpu.compute-memory-partition',
  'feature.node.kubernetes.io/pci-15b3.present',
  'feature.node.kubernetes.io/rdma.available',
  'node.kubernetes.io/instance-type',
  'karpenter.k8s.aws/instance-gpu-name',
  'karpenter.k8s.aws/instance-gpu-memory',
  'karpenter.k8s.aws/instance-network-bandwidth',
  'topology.k8s.aws/network-node-layer-1',
  'topology.k8s.aws/network-node-layer-x',
  'topology.k8s.aws/ultraserver-id',
  'cloud.google.com/gke-accelerator',
  'cloud.google.com/gce-topology-block',
  'cloud.google.com/gce-topology-subblock',
  'oci.oraclecloud.com/rdma.hpc_island_id',
  'oci.oraclecloud.com/rdma.local_block_id',
  'backend.coreweave.cloud/fabric',
  'backend.coreweave.cloud/flavor',
  'gpu.nvidia.com/class',
  'ds.coreweave.com/nvlink.domain',
  'ib.coreweave.cloud/speed',
  'fabric.topograph.run/tier-0',
  'fabric.topograph.run/tier-',
  'accelerator.topograph.run/domain',
  'network.topology.nvidia.com/spine',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/rack',
];

const VALUES = [
  ...['', '0', '8', '-1', '1e9', '99999999999999999999', 'true', 'none', 'NVIDIA-GB200', 'NVIDIA-H100-80GB-HBM3'],
  ...['p5.48xlarge', 'constructor', '__proto__', 'toString', '192G', 'h100', 'nvidia-gb200', '..', 'A100-MIG-1g.5gb'],
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 63 }));
const labels = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 12 });
const quantity = fc.constantFrom('0', '1', '4', '8', '1k', '100m', '', 'x');
const allocatable = fc.dictionary(
  fc.constantFrom('nvidia.com/gpu', 'nvidia.com/gpu.shared', 'amd.com/gpu', 'rdma/ib', 'vpc.amazonaws.com/efa', 'cpu'),
  quantity,
);
const annotation = fc.option(fc.oneof(fc.json(), fc.string(), fc.constant('{"__proto__": {"product": "x"}}')));

const cluster = fc.array(fc.record({ labels, allocatable, annotation }), { maxLength: 6 }).map((nodes) =>
  nodes.map((parts, index) => {
    const annotations: Record<string, string> = parts.annotation === null ? {} : { 'uniap.dev/node': parts.annotation };
    return nodeOf(parts.labels, parts.allocatable, `node-${index}`, { annotations });
  }),
);

test('whatever labels say, every node is read or left out with a reason, and allocations keep to what is free', (t) => {
  fc.assert(
    fc.property(cluster, fc.nat(9), (given, gpus) => {
      const { nodes, excluded } = readNodes(given, [podOn('node-0', 2)]);
      t.is(nodes.length + excluded.length, given.length);
      t.true(excluded.every(({ cause, reason }) => cause !== '' && reason !== ''));
      t.true(nodes.every(({ free, gpus: all, product }) => free > 0 && free <= all && product !== ''));
      t.true(nodes.every(({ memoryBytes }) => memoryBytes === null || memoryBytes > 0));
      t.true(nodes.every(({ fabric }) => fabric === null || typeof fabric.kind === 'string'));
      for (const allocation of allocate(nodes, gpus + 1)) {
        t.is(allocation.nodes.length * allocation.gpusPerNode, gpus + 1);
      }
      t.true(describeShortage(gpus, nodes, excluded).startsWith('needs'));
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
