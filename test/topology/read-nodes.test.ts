import type { V1Node, V1NodeCondition, V1Pod, V1Taint } from '@kubernetes/client-node';
import test from 'ava';
import type { NodeSelection } from '../../src/cluster/candidate.ts';
import { readNodeFile } from '../../src/cluster/node-file.ts';
import { readNodes } from '../../src/cluster/read-nodes.ts';
import { containerOf, gpuContainer, h100, nodeOf, podOf, podOn } from './builders.ts';

interface Row {
  readonly node: V1Node;
  readonly pods?: readonly V1Pod[];
  readonly selection?: NodeSelection;
  readonly reason: string;
}

const H100 = { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' };

function tainted(...taints: V1Taint[]): V1Node {
  return h100('node-1', {}, { taints });
}

function notReady(condition: Partial<V1NodeCondition>): V1Node {
  return h100('node-1', {}, { conditions: [{ type: 'Ready', status: 'False', ...condition }] });
}

const EXCLUDED: Readonly<Record<string, Row>> = {
  'a node for other work': { node: nodeOf({}, { cpu: '64' }), reason: 'no GPUs' },
  'a GPU node of which the device plugin is not up yet': {
    node: nodeOf({ 'feature.node.kubernetes.io/pci-10de.present': 'true' }, { cpu: '64' }),
    reason: 'no GPU allocatable: the device plugin has not reported any',
  },
  'broken GPUs': {
    node: nodeOf(H100, { 'nvidia.com/gpu': '0' }, 'node-1', { capacity: { 'nvidia.com/gpu': '8' } }),
    reason: 'no GPU allocatable: all of nvidia.com/gpu are unhealthy',
  },
  'a cordoned node': { node: h100('node-1', {}, { unschedulable: true }), reason: 'cordoned (spec.unschedulable)' },
  'a node that is not ready': {
    node: notReady({
      lastTransitionTime: new Date('2026-11-24T08:00:00Z'),
      reason: 'NodeStatusUnknown',
      status: 'Unknown',
      message: 'Kubelet stopped posting node status.',
    }),
    reason: 'not ready since 2026-11-24T08:00:00Z: NodeStatusUnknown, Kubelet stopped posting node status.',
  },
  'a node of which the kubelet has not come up': {
    node: h100('node-1', {}, { conditions: [] }),
    reason: 'not ready: never reported',
  },
  'a node on its way out': {
    node: h100('node-1', {}, { deletionTimestamp: new Date() }),
    reason: 'being deleted',
  },
  'a taint': {
    node: tainted({ key: 'dedicated', value: 'inference', effect: 'NoSchedule' }),
    reason: 'taint dedicated=inference:NoSchedule is not tolerated',
  },
  'a taint without a value, of which another value is tolerated': {
    node: tainted({ key: 'dedicated', effect: 'NoExecute' }),
    selection: { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'x' }] },
    reason: 'taint dedicated:NoExecute is not tolerated',
  },
  'a taint of which another effect is tolerated': {
    node: tainted({ key: 'dedicated', effect: 'NoExecute' }),
    selection: { tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }] },
    reason: 'taint dedicated:NoExecute is not tolerated',
  },
  'an absent label': {
    node: h100('node-1'),
    selection: { nodeSelector: { pool: 'training' } },
    reason: 'nodeSelector does not match: label pool is missing, must be "training"',
  },
  'another label': {
    node: h100('node-1', { pool: 'inference' }),
    selection: { nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'training' } },
    reason: 'nodeSelector does not match: label kubernetes.io/os is missing, must be "linux"',
  },
  'another device': {
    node: h100('node-1'),
    selection: { device: { name: 'A100-SXM', matches: (product) => product.includes('A100') } },
    reason: 'has NVIDIA-H100-80GB-HBM3, not A100-SXM',
  },
  'slices of MIG shown as GPUs': {
    node: nodeOf(
      { 'nvidia.com/gpu.product': 'A100-SXM4-40GB-MIG-1g.5gb', 'nvidia.com/mig.strategy': 'single' },
      { 'nvidia.com/gpu': '56' },
    ),
    reason: 'GPUs are partitioned by MIG (A100-SXM4-40GB-MIG-1g.5gb); training needs whole GPUs',
  },
  'slices of MIG alone': {
    node: nodeOf(
      { 'nvidia.com/mig.strategy': 'mixed' },
      { 'nvidia.com/mig-1g.5gb': '28', 'nvidia.com/mig-3g.20gb': '8' },
    ),
    reason:
      'GPUs are partitioned by MIG (nvidia.com/mig-1g.5gb: 28, nvidia.com/mig-3g.20gb: 8); training needs whole GPUs',
  },
  'slices of MIG on GKE': {
    node: nodeOf({
      'cloud.google.com/gke-accelerator': 'nvidia-tesla-a100',
      'cloud.google.com/gke-gpu-partition-size': '1g.5gb',
    }),
    reason: 'GPUs are partitioned by MIG (1g.5gb); training needs whole GPUs',
  },
  'time-slicing by replicas': {
    node: nodeOf({
      'nvidia.com/gpu.count': '4',
      'nvidia.com/gpu.product': 'NVIDIA-L4-SHARED',
      'nvidia.com/gpu.replicas': '4',
      'nvidia.com/gpu.sharing-strategy': 'time-slicing',
    }),
    reason: 'GPUs are shared between pods (time-slicing, 4 pods a GPU)',
  },
  'time-slicing by name': {
    node: nodeOf({ 'nvidia.com/gpu.product': 'Tesla-T4-SHARED' }),
    reason: 'GPUs are shared between pods (Tesla-T4-SHARED)',
  },
  'time-slicing under a name of its own': {
    node: nodeOf({ 'nvidia.com/gpu.product': 'Tesla-T4' }, { 'nvidia.com/gpu.shared': '16' }),
    reason: 'GPUs are shared between pods (nvidia.com/gpu.shared: 16)',
  },
  'sharing on GKE': {
    node: nodeOf({
      'cloud.google.com/gke-accelerator': 'nvidia-l4',
      'cloud.google.com/gke-gpu-sharing-strategy': 'mps',
    }),
    reason: 'GPUs are shared between pods (mps)',
  },
  'partitions of AMD GPUs': {
    node: nodeOf(
      { 'amd.com/gpu.product-name': 'AMD_Instinct_MI300X_OAM', 'amd.com/gpu.compute-memory-partition': 'cpx_nps4' },
      { 'amd.com/gpu': '64' },
    ),
    reason: 'GPUs are partitioned (cpx_nps4); training needs whole GPUs (SPX)',
  },
  'different GPUs in one node': {
    node: nodeOf(
      { 'amd.com/gpu.product-name.AMD_Instinct_MI210': '2', 'amd.com/gpu.product-name.AMD_Instinct_MI100': '2' },
      { 'amd.com/gpu': '4' },
    ),
    reason: 'GPUs in the node differ (AMD_Instinct_MI100, AMD_Instinct_MI210); ranks need equal GPUs',
  },
  'GPUs of two makers': {
    node: nodeOf(H100, { 'nvidia.com/gpu': '1', 'amd.com/gpu': '1' }),
    reason: 'contradictory resources: offers both nvidia.com/gpu and amd.com/gpu',
  },
  'more GPUs than were found': {
    node: nodeOf({ ...H100, 'nvidia.com/gpu.count': '4' }),
    reason: 'contradictory labels: nvidia.com/gpu.count says 4, but 8 GPUs are allocatable',
  },
  'two sources that name two models': {
    node: nodeOf({ ...H100, 'node.kubernetes.io/instance-type': 'p4d.24xlarge' }),
    reason:
      'contradictory labels: NVIDIA GPU feature discovery says NVIDIA-H100-80GB-HBM3, instance type says NVIDIA-A100-SXM4-40GB',
  },
  'GPUs that no label names': {
    node: nodeOf({ 'beta.amd.com/gpu.device-id.6860': '1' }, { 'amd.com/gpu': '1' }),
    reason: 'GPU product unknown: no label names it; name it in the annotation uniap.dev/node',
  },
  'GPUs that one pod has': {
    node: h100('node-1'),
    pods: [podOn('node-1', 8, 'x')],
    reason: '8 of 8 GPUs requested by pod team-a/x',
  },
  'GPUs that many pods have': {
    node: h100('node-1'),
    pods: [podOn('node-1', 1, 'a'), podOn('node-1', 1, 'b'), podOn('node-1', 1, 'c'), podOn('node-1', 5, 'd')],
    reason: '8 of 8 GPUs requested by pods team-a/d, team-a/a, team-a/b and 1 more',
  },
  'GPUs that plans of other jobs have': {
    node: h100('node-1'),
    selection: { reservations: new Map([['node-1', 8]]) },
    reason: '8 of 8 GPUs reserved by plans of other jobs',
  },
  'GPUs that pods and plans have': {
    node: h100('node-1'),
    pods: [podOn('node-1', 2, 'x')],
    selection: { reservations: new Map([['node-1', 6]]) },
    reason: '2 of 8 GPUs requested by pod team-a/x, 6 of 8 GPUs reserved by plans of other jobs',
  },
};

for (const [name, { node, pods = [], selection, reason }] of Object.entries(EXCLUDED)) {
  test(`left out, with the reason: ${name}`, (t) => {
    const { nodes, excluded } = readNodes([node], pods, selection);
    t.deepEqual(nodes, []);
    t.deepEqual(
      excluded.map((one) => [one.name, one.reason]),
      [['node-1', reason]],
    );
  });
}

const USABLE: Readonly<Record<string, Omit<Row, 'reason'>>> = {
  "the GPU resource's own taint": {
    node: tainted({ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }),
  },
  'a taint that is a preference': {
    node: tainted({ key: 'dedicated', value: 'x', effect: 'PreferNoSchedule' }),
  },
  'a taint tolerated by value': {
    node: tainted({ key: 'dedicated', value: 'x', effect: 'NoSchedule' }),
    selection: { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'x', effect: 'NoSchedule' }] },
  },
  'all taints tolerated': {
    node: tainted({ key: 'dedicated', value: 'x', effect: 'NoExecute' }),
    selection: { tolerations: [{ operator: 'Exists' }] },
  },
  'the device that was asked for': {
    node: h100('node-1'),
    selection: { device: { name: 'H100-SXM', matches: (product) => product.includes('H100') } },
  },
  'the label that was asked for': {
    node: h100('node-1', { pool: 'training' }),
    selection: { nodeSelector: { pool: 'training' } },
  },
  'two sources that word one product differently': {
    node: nodeOf({
      'nvidia.com/gpu.product': 'A100-SXM4-40GB',
      'node.kubernetes.io/instance-type': 'p4d.24xlarge',
      'karpenter.k8s.aws/instance-gpu-name': 'a100',
    }),
  },
  'one broken GPU of eight': { node: nodeOf({ ...H100, 'nvidia.com/gpu.count': '8' }, { 'nvidia.com/gpu': '7' }) },
};

for (const [name, { node, pods = [], selection }] of Object.entries(USABLE)) {
  test(`can be used: ${name}`, (t) => {
    t.deepEqual(readNodes([node], pods, selection).excluded, []);
  });
}

const FREE: Readonly<Record<string, readonly [pod: V1Pod, free: number]>> = {
  'a running pod holds what it requests': [podOf(), 6],
  'a pod that has ended holds nothing': [podOf({ phase: 'Succeeded' }), 8],
  'a pod that has failed holds nothing': [podOf({ phase: 'Failed' }), 8],
  'a pod that is bound and not yet running does': [podOf({ phase: 'Pending' }), 6],
  'a pod that is bound to no node holds nothing here': [podOf({ nodeName: '' }), 8],
  'a pod on another node holds nothing here': [podOf({ nodeName: 'node-2' }), 8],
  'containers add up': [podOf({ containers: [gpuContainer(2), gpuContainer(3)] }), 3],
  'a limit without a request is the request': [
    podOf({ containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': '2' } } }] }),
    6,
  ],
  'the largest init container counts, not their sum': [
    podOf({ initContainers: [gpuContainer(4), gpuContainer(5)] }),
    3,
  ],
  'sidecars run beside the containers, and beside later init containers': [
    podOf({ initContainers: [gpuContainer(3), gpuContainer(1, { restartPolicy: 'Always' }), gpuContainer(3)] }),
    4,
  ],
  'another resource is another matter': [podOf({ containers: [containerOf({ 'amd.com/gpu': '2' })] }), 8],
};

for (const [name, [pod, free]] of Object.entries(FREE)) {
  test(`free GPUs: ${name}`, (t) => {
    t.is(readNodes([h100('node-1')], [pod]).nodes[0]?.free, free);
  });
}

test('free GPUs: more is requested than there is, after GPUs broke', (t) => {
  const node = nodeOf({ ...H100, 'nvidia.com/gpu.count': '8' }, { 'nvidia.com/gpu': '4' });
  t.is(readNodes([node], [podOn('node-1', 8, 'x')]).excluded[0]?.reason, '8 of 4 GPUs requested by pod team-a/x');
});

test('RDMA devices that other pods have are not offered, and without any there is Ethernet left', (t) => {
  const node = nodeOf(H100, { 'nvidia.com/gpu': '8', 'vpc.amazonaws.com/efa': '32' });
  const holding = (efa: string) =>
    podOf({ containers: [containerOf({ 'nvidia.com/gpu': '2', 'vpc.amazonaws.com/efa': efa })] });
  t.like(readNodes([node], [holding('8')]).nodes[0], {
    rdma: { resource: 'vpc.amazonaws.com/efa', quantity: 24, allocatable: 32 },
    fabric: { kind: 'efa' },
  });
  t.like(readNodes([node], [holding('32')]).nodes[0], { free: 6, rdma: null, fabric: { kind: 'ethernet' } });
});

test('times of a file are text', (t) => {
  const { nodes } = readNodeFile(
    `
    kind: Node
    metadata: {name: a, labels: {nvidia.com/gpu.product: NVIDIA-L4}}
    status:
      allocatable: {nvidia.com/gpu: "1"}
      conditions: [{type: Ready, status: "False", lastTransitionTime: 2026-11-24T08:00:00Z, reason: KubeletNotReady}]
  `,
    'nodes.yaml',
  );
  t.is(readNodes(nodes, []).excluded[0]?.reason, 'not ready since 2026-11-24T08:00:00Z: KubeletNotReady');
});

test('all of a cluster is told of once, in its order', (t) => {
  const nodes = [h100('b'), nodeOf({}, {}, 'c'), h100('a')];
  const read = readNodes(nodes, []);
  t.deepEqual(
    read.nodes.map(({ name }) => name),
    ['b', 'a'],
  );
  t.deepEqual(read.excluded, [{ name: 'c', cause: 'no GPUs', reason: 'no GPUs' }]);
});
