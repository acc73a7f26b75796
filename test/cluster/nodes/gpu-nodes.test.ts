import test from 'ava';
import { parse } from 'yaml';
import { gpuNodes, NODE_KINDS, nodesToYaml } from './gpu-nodes.ts';

/** The value syntax of labels: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

for (const kind of NODE_KINDS) {
  test(`${kind}: distinct names, valid labels, GPUs`, (t) => {
    const nodes = gpuNodes(kind, { count: 40, prefix: 'n', labels: { team: 'a' } });

    t.is(new Set(nodes.map(({ metadata }) => metadata?.name)).size, 40);
    const labels = nodes.map(({ metadata }) => metadata?.labels ?? {});
    t.true(labels.every(({ team }) => team === 'a'));
    t.deepEqual(
      labels.flatMap(Object.values<string>).filter((value) => !LABEL_VALUE.test(value)),
      [],
    );
    for (const { status } of nodes) {
      const gpus = status?.allocatable?.[kind === 'mi300x' ? 'amd.com/gpu' : 'nvidia.com/gpu'];
      t.true(gpus === '8' || gpus === '4');
    }
  });
}

test('p4d is the node that was seen', (t) => {
  const [node] = gpuNodes('p4d', { count: 1 });
  t.like(node?.status?.capacity, { cpu: '96', memory: '1176300008Ki' });
  t.like(node?.status?.allocatable, { cpu: '95690m', memory: '1167634920Ki' });
  t.deepEqual(node?.spec?.taints, [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }]);
});

test('18 trays of a GB200 NVL72 share one NVLink domain', (t) => {
  const cliques = gpuNodes('gb200-nvl72', { count: 36 }).map(
    ({ metadata }) => metadata?.labels?.['nvidia.com/gpu.clique'],
  );
  t.is(new Set(cliques.slice(0, 18)).size, 1);
  t.is(new Set(cliques).size, 2);
});

test('YAML says what the objects say', (t) => {
  const nodes = gpuNodes('dgx-h100', { count: 2 });
  t.deepEqual(parse(nodesToYaml(nodes)), { apiVersion: 'v1', kind: 'List', items: nodes });
});
