import test from 'ava';
import { allocate } from '../../src/cluster/allocate.ts';
import { readNodes } from '../../src/cluster/read-nodes.ts';
import { h100, podOn } from './builders.ts';

test('ten thousand nodes, a third of them in part used', (t) => {
  const cluster = Array.from({ length: 10_000 }, (_, index) =>
    h100(`node-${index}`, {
      'fabric.topograph.run/tier-0': `leaf-${Math.floor(index / 32)}`,
      'fabric.topograph.run/tier-1': `spine-${Math.floor(index / 512)}`,
    }),
  );
  const pods = cluster.flatMap((_, index) => (index % 3 === 0 ? [podOn(`node-${index}`, 1, `pod-${index}`)] : []));
  const { nodes, excluded } = readNodes(cluster, pods);
  t.is(nodes.length, 10_000);
  t.deepEqual(excluded, []);

  const [small] = allocate(nodes, 128);
  t.like(small, { gpusPerNode: 8, tiers: [{ gpus: 8 }, { gpus: 128, name: 'fabric tier 0' }] });
  const [large] = allocate(nodes, 32_768);
  t.is(large?.nodes.length, 4096);
  t.is(large?.tiers.at(-1)?.gpus, 32_768);
});
