import test from 'ava';
import fc from 'fast-check';
import { allocate } from '../../src/cluster/allocate.ts';
import type { Allocation, GpuNode } from '../../src/cluster/topology.ts';
import { gpuNode } from './builders.ts';
import { combinations, distance, ranksOf, tierSizes } from './brute-force.ts';

/** Paths of up to 3 places with few names, so that places are shared, and names recur in other places. */
const names = fc.constantFrom('a', 'b');
const path = fc
  .oneof({ weight: 4, arbitrary: fc.array(names, { minLength: 2, maxLength: 2 }) }, fc.array(names, { maxLength: 3 }))
  .map((path) => path.map((name, level) => ({ level: `level ${level}`, name })));

/** A node that may lie in an NVLink domain inside its nearest place. */
const place = fc.record({
  path,
  free: fc.constantFrom(1, 2, 4, 6, 8, 8, 8),
  domain: fc.option(fc.constantFrom('x', 'y')),
  product: fc.oneof(
    { weight: 5, arbitrary: fc.constant('NVIDIA-H100-80GB-HBM3') },
    fc.constant('NVIDIA-A100-SXM4-40GB'),
  ),
});

const cluster = fc.array(place, { minLength: 1, maxLength: 8 }).map((places) =>
  places.map(({ domain, ...fields }, index) =>
    gpuNode(`node-${index}`, {
      ...fields,
      nvlinkDomain: domain === null ? null : `${fields.path.map(({ name }) => name).join('/')}/${domain}`,
    }),
  ),
);

const gpus = fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 16, 24, 32);

function ofProduct(nodes: readonly GpuNode[], product: string): readonly GpuNode[] {
  return nodes.filter((node) => node.product === product);
}

test('an allocation gives what was asked for, of one device, equally many on each node, and what is free', (t) => {
  fc.assert(
    fc.property(cluster, gpus, (nodes, wanted) => {
      for (const allocation of allocate(nodes, wanted)) {
        const names = allocation.nodes.map(({ name }) => name);
        const chosen = nodes.filter(({ name }) => names.includes(name));
        t.is(new Set(names).size, names.length);
        t.is(allocation.gpusPerNode * names.length, wanted);
        t.true(allocation.nodes.every((node) => node.gpus === allocation.gpusPerNode));
        t.true(chosen.length === names.length && chosen.every(({ free }) => free >= allocation.gpusPerNode));
        t.true(chosen.every(({ product }) => product === allocation.product));
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('its tiers are those that its nodes have', (t) => {
  fc.assert(
    fc.property(cluster, gpus, (nodes, wanted) => {
      for (const allocation of allocate(nodes, wanted)) {
        const same = ofProduct(nodes, allocation.product);
        t.deepEqual(
          allocation.tiers.map((tier) => tier.gpus),
          tierSizes(ranksOf(allocation, nodes), same),
        );
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

/** The nearest level, and the fewest nodes at it, that any choice of nodes can have. */
function tightest(nodes: readonly GpuNode[], wanted: number): readonly [level: number, nodes: number] | undefined {
  const choices = Array.from({ length: Math.min(8, wanted) }, (_, index) => index + 1)
    .filter((perNode) => wanted % perNode === 0)
    .flatMap((perNode) =>
      combinations(
        nodes.filter(({ free }) => free >= perNode),
        wanted / perNode,
      ),
    );
  const measured = choices.map((choice) => [distance(choice, nodes), choice.length] as const);
  return measured.sort(([level, count], [otherLevel, otherCount]) => level - otherLevel || count - otherCount)[0];
}

test('the first one of a device is the tightest there is; there is none only if no choice of nodes will do', (t) => {
  fc.assert(
    fc.property(cluster, gpus, (nodes, wanted) => {
      const allocations = allocate(nodes, wanted);
      for (const product of new Set(nodes.map((node) => node.product))) {
        const same = ofProduct(nodes, product);
        const first = allocations.find((allocation) => allocation.product === product);
        t.deepEqual(first && measure(first, same), tightest(same, wanted));
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

function measure(allocation: Allocation, nodes: readonly GpuNode[]): readonly [level: number, nodes: number] {
  return [distance(ranksOf(allocation, nodes), nodes), allocation.nodes.length];
}

test('the order in which nodes are given does not matter', (t) => {
  fc.assert(
    fc.property(
      cluster.chain((nodes) => fc.tuple(fc.constant(nodes), fc.shuffledSubarray(nodes, { minLength: nodes.length }))),
      gpus,
      ([nodes, shuffled], wanted) => {
        t.deepEqual(allocate(shuffled, wanted), allocate(nodes, wanted));
      },
    ),
  );
  t.pass();
});
