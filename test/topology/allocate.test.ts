import test from 'ava';
import { allocate } from '../../src/cluster/allocate.ts';
import { describeShortage, differing } from '../../src/cluster/shortage.ts';
import type { Allocation, GpuNode } from '../../src/cluster/topology.ts';
import { gpuNode, pathOf } from './builders.ts';

/** Nodes `PREFIX-0`, `PREFIX-1` … that are alike. */
function nodesIn(count: number, prefix: string, fields: Partial<GpuNode>): readonly GpuNode[] {
  return Array.from({ length: count }, (_, index) => gpuNode(`${prefix}-${index}`, fields));
}

/** `8 × 2: node 8, leaf 16`. */
function shape({ gpusPerNode, nodes, tiers }: Allocation): string {
  return `${gpusPerNode} × ${nodes.length}: ${tiers.map(({ name, gpus }) => `${name} ${gpus}`).join(', ')}`;
}

function names(allocation: Allocation | undefined): readonly string[] {
  return allocation?.nodes.map(({ name }) => name) ?? [];
}

const leaf = (path: string) => ({ path: pathOf(path) });

test('a job that fits a node gets one, and the fullest one that has enough left', (t) => {
  const nodes = [gpuNode('empty'), gpuNode('half', { free: 4 }), gpuNode('fuller', { free: 3 })];
  const allocations = allocate(nodes, 4);
  t.deepEqual(allocations.map(shape), ['4 × 1: node 4']);
  t.deepEqual(names(allocations[0]), ['half']);
});

test('whole nodes under one leaf, in the leaf that has least left, go before others', (t) => {
  const nodes = [
    ...nodesIn(4, 'a', leaf('spine=s1/leaf=l1')),
    ...nodesIn(2, 'b', leaf('spine=s1/leaf=l2')),
    ...nodesIn(1, 'c', leaf('spine=s1/leaf=l3')),
  ];
  const allocations = allocate(nodes, 16);
  t.deepEqual(allocations.map(shape), ['8 × 2: node 8, leaf 16']);
  t.deepEqual(names(allocations[0]), ['b-0', 'b-1']);
});

test('of equal nodes the one is taken whose leaf has least left, then whose spine has', (t) => {
  const nodes = [
    ...nodesIn(2, 'a', leaf('spine=s1/leaf=l1')),
    ...nodesIn(2, 'b', leaf('spine=s2/leaf=l1')),
    ...nodesIn(1, 'c', leaf('spine=s2/leaf=l2')),
    ...nodesIn(1, 'd', leaf('spine=s3/leaf=l1')),
  ];
  t.deepEqual(names(allocate(nodes, 8)[0]), ['d-0']);
});

test('a leaf that has enough is found in whichever spine it is', (t) => {
  const nodes = [
    gpuNode('a', leaf('spine=s1/leaf=l1')),
    gpuNode('b', leaf('spine=s1/leaf=l2')),
    ...nodesIn(4, 'c', leaf('spine=s2/leaf=l1')),
  ];
  t.deepEqual(names(allocate(nodes, 16)[0]), ['c-0', 'c-1']);
});

test('what does not fit into the largest leaves goes into the smallest that has enough', (t) => {
  const nodes = [
    ...nodesIn(4, 'a', leaf('spine=s1/leaf=l1')),
    ...nodesIn(3, 'b', leaf('spine=s1/leaf=l2')),
    ...nodesIn(1, 'c', leaf('spine=s1/leaf=l3')),
  ];
  t.deepEqual(names(allocate(nodes, 40)[0]), ['a-0', 'a-1', 'a-2', 'a-3', 'c-0']);
});

test('equally named places in different wider places are different places', (t) => {
  const nodes = [
    gpuNode('a', leaf('block=b1/rack=r1')),
    gpuNode('b', leaf('block=b2/rack=r1')),
    gpuNode('c', leaf('block=b2/rack=r1')),
  ];
  t.deepEqual(names(allocate(nodes, 16)[0]), ['b', 'c']);
  t.deepEqual(allocate(nodes, 24).map(shape), ['8 × 3: node 8, network 24']);
});

test('where leaves are too small, blocks of ranks that share one are as large as can be', (t) => {
  const nodes = [...nodesIn(3, 'a', leaf('spine=s1/leaf=l1')), ...nodesIn(3, 'b', leaf('spine=s1/leaf=l2'))];
  const allocations = allocate(nodes, 32);
  t.deepEqual(allocations.map(shape), ['8 × 4: node 8, leaf 16, spine 32']);
  t.deepEqual(names(allocations[0]), ['a-0', 'a-1', 'b-0', 'b-1']);
});

test('fewer GPUs on more nodes is a candidate only where it is nearer', (t) => {
  const nodes = [
    ...nodesIn(4, 'half', { ...leaf('spine=s1/leaf=l1'), free: 4 }),
    ...nodesIn(1, 'a', leaf('spine=s1/leaf=l2')),
    ...nodesIn(1, 'b', leaf('spine=s2/leaf=l3')),
  ];
  t.deepEqual(allocate(nodes, 16).map(shape), ['4 × 4: node 4, leaf 16', '8 × 2: node 8, network 16']);
});

test('neighbours in the network have neighbouring ranks, by number where names end in one', (t) => {
  const nodes = [
    gpuNode('gpu-10', leaf('leaf=l2')),
    gpuNode('gpu-2', leaf('leaf=l2')),
    gpuNode('gpu-1', leaf('leaf=l10')),
    gpuNode('gpu-3', leaf('leaf=l10')),
  ];
  t.deepEqual(names(allocate(nodes, 32)[0]), ['gpu-2', 'gpu-10', 'gpu-1', 'gpu-3']);
});

test('places whose names are equal as numbers stay apart', (t) => {
  const nodes = [
    gpuNode('a', leaf('leaf=r1')),
    gpuNode('b', leaf('leaf=r01')),
    gpuNode('c', leaf('leaf=r1')),
    gpuNode('d', leaf('leaf=r01')),
  ];
  t.deepEqual(allocate(nodes, 32).map(shape), ['8 × 4: node 8, leaf 16, network 32']);
});

const nvl72 = (domain: string, path: string): Partial<GpuNode> => ({
  product: 'NVIDIA-GB200',
  gpus: 4,
  free: 4,
  nvlinkDomain: domain,
  ...leaf(path),
});

test('a job that fits an NVL72 domain gets all of it from one', (t) => {
  const nodes = [...nodesIn(18, 'a', nvl72('d1', 'block=b1')), ...nodesIn(18, 'b', nvl72('d2', 'block=b1'))];
  t.deepEqual(allocate(nodes, 72).map(shape), ['4 × 18: node 4, NVLink domain 72']);
});

test('a larger job splits into equal blocks of domains, not into one full and a rest', (t) => {
  const nodes = [...nodesIn(18, 'a', nvl72('d1', 'block=b1')), ...nodesIn(18, 'b', nvl72('d2', 'block=b1'))];
  t.deepEqual(allocate(nodes, 128).map(shape), ['4 × 32: node 4, NVLink domain 64, block 128']);
});

test('whole domains far apart are a second candidate beside broken ones under one switch', (t) => {
  const nodes = [
    ...nodesIn(6, 'a', nvl72('d1', 'block=b1')),
    ...nodesIn(6, 'b', nvl72('d2', 'block=b1')),
    ...nodesIn(6, 'c', nvl72('d3', 'block=b1')),
    ...nodesIn(8, 'd', nvl72('d4', 'block=b2')),
    ...nodesIn(8, 'e', nvl72('d5', 'block=b3')),
  ];
  t.deepEqual(allocate(nodes, 64).map(shape), [
    '4 × 16: node 4, NVLink domain 8, block 64',
    '4 × 16: node 4, NVLink domain 32, network 64',
  ]);
});

test('an NVLink domain stays one though its nodes hang on several leaf switches', (t) => {
  const nodes = [
    ...nodesIn(4, 'a', nvl72('d1', 'spine=s1/leaf=l1')),
    ...nodesIn(4, 'b', nvl72('d1', 'spine=s1/leaf=l2')),
    ...nodesIn(8, 'c', nvl72('d2', 'spine=s1/leaf=l2')),
  ];
  t.deepEqual(allocate(nodes, 32).map(shape), ['4 × 8: node 4, NVLink domain 32']);
  t.deepEqual(allocate(nodes, 64).map(shape), ['4 × 16: node 4, NVLink domain 32, spine 64']);
});

test('a leaf switch that only a part of an NVLink domain hangs on does not join it to others there', (t) => {
  const nodes = [
    ...nodesIn(4, 'a', nvl72('d1', 'spine=s1/leaf=l1')),
    ...nodesIn(4, 'b', nvl72('d1', 'spine=s1/leaf=l2')),
    ...nodesIn(8, 'c', nvl72('d2', 'spine=s1/leaf=l1')),
  ];
  t.deepEqual(allocate(nodes, 64).map(shape), ['4 × 16: node 4, NVLink domain 32, spine 64']);
});

test('in an NVLink domain the nodes that have least left are taken first', (t) => {
  const nodes = [gpuNode('a', nvl72('d1', 'block=b1')), gpuNode('b', { ...nvl72('d1', 'block=b1'), free: 2 })];
  t.deepEqual(names(allocate(nodes, 2)[0]), ['b']);
});

test('every device is a candidate; what differs is not mixed', (t) => {
  const nodes = [
    ...nodesIn(2, 'h', leaf('leaf=l1')),
    ...nodesIn(2, 'a', { ...leaf('leaf=l2'), product: 'NVIDIA-A100-SXM4-40GB' }),
    ...nodesIn(2, 'e', { ...leaf('leaf=l3'), fabric: { kind: 'ethernet', bytesPerSecond: null } }),
    gpuNode('x', { product: 'NVIDIA-L4' }),
  ];
  const allocations = allocate(nodes, 16);
  t.deepEqual(allocations.map(({ product, fabric }) => `${product} ${fabric?.kind ?? ''}`).sort(), [
    'NVIDIA-A100-SXM4-40GB infiniband',
    'NVIDIA-H100-80GB-HBM3 ethernet',
    'NVIDIA-H100-80GB-HBM3 infiniband',
  ]);
  const [first] = allocations.filter(({ product }) => product === 'NVIDIA-A100-SXM4-40GB');
  t.deepEqual(
    first &&
      differing(nodes, first)
        .map(({ name, reason }) => `${name}: ${reason}`)
        .slice(-1),
    ['x: differs from the chosen nodes: NVIDIA-L4, not NVIDIA-A100-SXM4-40GB with infiniband fabric'],
  );
});

test('drivers that word one device differently do not keep its nodes apart', (t) => {
  const nodes = [
    gpuNode('a', { product: 'A100-SXM4-40GB', memoryBytes: 39538 * 2 ** 20 }),
    gpuNode('b', { product: 'NVIDIA-A100-SXM4-40GB', memoryBytes: 40960 * 2 ** 20 }),
  ];
  t.deepEqual(
    allocate(nodes, 16).map(({ memoryBytes }) => memoryBytes),
    [39538 * 2 ** 20],
  );
});

test('an allocation tells how many GPUs its nodes have besides', (t) => {
  const nodes = [gpuNode('a', { free: 4 }), gpuNode('b', { gpus: 4, free: 4 })];
  t.like(allocate(nodes, 8)[0], { gpusPerNode: 4, nodeGpus: 8 });
});

test('a pod asks for its share of the RDMA devices, or for one that pods share', (t) => {
  const asked = (resource: string, allocatable: number, gpus: number, quantity = allocatable) =>
    allocate([gpuNode('a', { rdma: { resource, quantity, allocatable } })], gpus)[0]?.rdma;
  const efa = 'vpc.amazonaws.com/efa';
  t.deepEqual(asked(efa, 32, 8), { resource: efa, quantity: 32 });
  t.deepEqual(asked(efa, 32, 2), { resource: efa, quantity: 8 });
  t.deepEqual(asked(efa, 4, 1), { resource: efa, quantity: 1 });
  t.deepEqual(asked('rdma/hca_shared_devices_a', 1000, 8), { resource: 'rdma/hca_shared_devices_a', quantity: 1 });
  // Other pods have half of the devices: what is left is this pod's share, or less than it.
  t.deepEqual(asked(efa, 8, 4, 4), { resource: efa, quantity: 4 });
  t.deepEqual(asked(efa, 8, 4, 3), { resource: efa, quantity: 3 });
});

test('nodes that give six GPUs each are blocks of six', (t) => {
  const nodes = nodesIn(4, 'a', { ...leaf('leaf=l1'), free: 6 });
  t.deepEqual(allocate(nodes, 24).map(shape), ['6 × 4: node 6, leaf 24']);
});

test('a shortage says what is wanted, what is free and why the rest is not', (t) => {
  const nodes = [gpuNode('a'), gpuNode('b', { free: 3, product: 'NVIDIA-L4', fabric: null })];
  const excluded = [
    { name: 'c', cause: 'cordoned', reason: 'cordoned (spec.unschedulable)' },
    { name: 'd', cause: 'all GPUs in use', reason: '8 of 8 GPUs requested by pod team-a/x' },
    { name: 'e', cause: 'all GPUs in use', reason: '8 of 8 GPUs requested by pod team-a/y' },
  ];
  t.is(
    describeShortage(16, nodes, excluded),
    'needs 16 GPUs of one kind, at most 8 free: 8 NVIDIA-H100-80GB-HBM3 (infiniband) on 1 node, 3 NVIDIA-L4 on 1 node; ' +
      'left out: 2 nodes (d, e): all GPUs in use, c (cordoned (spec.unschedulable))',
  );
  t.is(describeShortage(1, [], []), 'needs 1 GPU of one kind, at most 0 free');
});

test('a shortage says what can be had where enough is free, but not in equal parts', (t) => {
  const nodes = [gpuNode('a', { free: 5 }), gpuNode('b', { free: 6 })];
  t.deepEqual(allocate(nodes, 11), []);
  t.is(
    describeShortage(11, nodes, []),
    'needs 11 GPUs of one kind, equally many on each node: 11 NVIDIA-H100-80GB-HBM3 (infiniband) on 2 nodes, at most 10 in equal parts',
  );
});

test('a shortage of a thousand nodes stays short', (t) => {
  const excluded = Array.from({ length: 1000 }, (_, index) => ({
    name: `node-${index}`,
    cause: `taint team=${index % 20}:NoSchedule is not tolerated`,
    reason: `taint team=${index % 20}:NoSchedule is not tolerated`,
  }));
  const nodes = Array.from({ length: 30 }, (_, index) => gpuNode(`gpu-${index}`, { product: `NVIDIA-X${index}` }));
  const message = describeShortage(100, nodes, excluded);
  t.true(message.length < 1500, message);
  t.regex(message, /50 nodes \(node-0, node-20, node-40 and 47 more\): taint team=0:NoSchedule is not tolerated/);
});
