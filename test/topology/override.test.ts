import test from 'ava';
import { nodeOf, pathOf, readOne } from './builders.ts';

function annotated(annotation: string, labels: Readonly<Record<string, string>> = {}) {
  return readOne(
    nodeOf(
      { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3', ...labels },
      { 'nvidia.com/gpu': '8', 'example.com/rdma': '4' },
      'node-1',
      { annotations: { 'uniap.dev/node': annotation } },
    ),
  );
}

test('what an administrator writes replaces what labels say', (t) => {
  const annotation = {
    product: 'NVIDIA-A100-SXM4-80GB',
    memoryBytes: 85899345920,
    interconnect: 'pcie',
    nvlinkDomain: 'rack-7',
    path: [
      { level: 'spine', name: 's1' },
      { level: 'leaf', name: 'l3' },
    ],
    fabric: { kind: 'roce', gigabitsPerSecond: 100 },
    rdmaResource: 'example.com/rdma',
  };
  t.like(annotated(JSON.stringify(annotation), { 'topology.kubernetes.io/zone': 'z' }), {
    product: 'NVIDIA-A100-SXM4-80GB',
    memoryBytes: 85899345920,
    interconnect: 'pcie',
    nvlinkDomain: 'rack-7',
    path: pathOf('spine=s1/leaf=l3'),
    fabric: { kind: 'roce', bytesPerSecond: 12.5e9 },
    rdma: { resource: 'example.com/rdma', quantity: 4 },
  });
});

test('what it does not name is read from labels', (t) => {
  t.like(annotated('{"interconnect": "pcie"}', { 'topology.kubernetes.io/zone': 'z' }), {
    product: 'NVIDIA-H100-80GB-HBM3',
    interconnect: 'pcie',
    path: pathOf('zone=z'),
  });
});

test('null says that there is none', (t) => {
  const labels = {
    'nvidia.com/gpu.clique': '7b968a6d-c8aa-45e1-9e07-e1e51be99c31.1',
    'node.kubernetes.io/instance-type': 'p5.48xlarge',
  };
  t.like(annotated('{}', labels), { nvlinkDomain: '7b968a6d-c8aa-45e1-9e07-e1e51be99c31.1', fabric: { kind: 'efa' } });
  t.like(annotated('{"nvlinkDomain": null, "fabric": null, "path": []}', labels), {
    nvlinkDomain: null,
    fabric: null,
    path: [],
  });
});

const MALFORMED: Readonly<Record<string, string>> = {
  '{product: A100}': 'not JSON',
  '': 'not JSON',
  '[]': 'must be object',
  '{"produkt": "A100"}': 'produkt is no field of it',
  '{"fabric": {"kind": "efa", "speed": 1}}': 'fabric.speed is no field of it',
  '{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1}': 'a is no field of it',
  '{"interconnect": "nvswitch"}': 'interconnect must be one of nvlink, xgmi, pcie',
  '{"memoryBytes": "80G"}': 'memoryBytes must be integer',
  '{"fabric": {"kind": "carrier pigeon"}}': 'fabric.kind must be one of infiniband, roce, efa, ethernet',
  '{"fabric": {"kind": "efa", "gigabitsPerSecond": 0}}': 'fabric.gigabitsPerSecond must be > 0',
  '{"path": ["leaf"]}': 'path.0 must be object',
  '{"product": ""}': 'product must not have fewer than 1 characters',
};

for (const [annotation, problem] of Object.entries(MALFORMED)) {
  test(`malformed, it takes the node out and says why: ${JSON.stringify(annotation)}`, (t) => {
    t.is(annotated(annotation), `annotation uniap.dev/node is malformed: ${problem}`);
  });
}

test('an RDMA resource must be there', (t) => {
  t.is(
    annotated('{"rdmaResource": "example.com/other"}'),
    'RDMA resource missing: annotation uniap.dev/node names example.com/other, of which none is allocatable',
  );
});
