import test from 'ava';
import fc from 'fast-check';
import { dataGroup, membersOf, pipelineGroup, replicaGroup, shardGroup, tensorGroup } from '../../src/plan/groups.ts';
import { coordinatesOf, ranksByNode, stageOf } from '../../src/plan/ranks.ts';

const kinds = { tensorGroup, shardGroup, replicaGroup, dataGroup };

const degree = fc.integer({ min: 1, max: 6 });
const space = fc
  .record({ stages: fc.integer({ min: 1, max: 5 }), tensor: degree, shards: degree, replicas: degree })
  .map(({ stages, ...degrees }) => ({
    plan: { gpus: stages * degrees.tensor * degrees.shards * degrees.replicas, stages: { length: stages } },
    degrees,
  }));

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

for (const [name, groupOf] of Object.entries(kinds)) {
  test(`${name}: the groups partition the ranks, and stay inside a stage`, (t) => {
    fc.assert(
      fc.property(space, ({ plan, degrees }) => {
        const groups = new Map(
          range(plan.gpus).map((rank) => {
            const members = membersOf(groupOf(plan, degrees, rank));
            return [members.join(','), members];
          }),
        );
        const all = [...groups.values()].flat().sort((a, b) => a - b);
        return (
          all.join() === range(plan.gpus).join() &&
          [...groups.values()].every((members) => new Set(members.map((rank) => stageOf(plan, rank))).size === 1)
        );
      }),
    );
    t.pass();
  });

  test(`${name}: a rank is in its own group, at the index that its coordinates say`, (t) => {
    fc.assert(
      fc.property(space, ({ plan, degrees }) =>
        range(plan.gpus).every((rank) => {
          const { tensor, shard, replica } = coordinatesOf(plan, degrees, rank);
          const index = {
            tensorGroup: tensor,
            shardGroup: shard,
            replicaGroup: replica,
            dataGroup: replica * degrees.shards + shard,
          }[name];
          return membersOf(groupOf(plan, degrees, rank)).indexOf(rank) === index;
        }),
      ),
    );
    t.pass();
  });
}

test('a data group is made of the shard groups and of the replica groups that it meets', (t) => {
  fc.assert(
    fc.property(space, ({ plan, degrees }) =>
      range(plan.gpus).every((rank) => {
        const data = membersOf(dataGroup(plan, degrees, rank));
        const viaReplicas = membersOf(replicaGroup(plan, degrees, rank)).flatMap((replica) =>
          membersOf(shardGroup(plan, degrees, replica)),
        );
        return data.join() === viaReplicas.sort((a, b) => a - b).join();
      }),
    ),
  );
  t.pass();
});

test('a pipeline group has one rank of each stage, in the order of the stages', (t) => {
  fc.assert(
    fc.property(space, ({ plan }) =>
      range(plan.gpus).every((rank) => {
        const members = membersOf(pipelineGroup(plan, rank));
        return (
          members.includes(rank) &&
          members.map((member) => stageOf(plan, member)).join() === range(plan.stages.length).join()
        );
      }),
    ),
  );
  t.pass();
});

test('tensor groups lie inside a node whenever the tensor degree divides the GPUs of a node and of a stage', (t) => {
  const nodesAndDegrees = fc.record({
    tensor: degree,
    perNode: fc.integer({ min: 1, max: 8 }),
    nodes: fc.integer({ min: 1, max: 6 }),
    stages: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(nodesAndDegrees, ({ tensor, perNode, nodes, stages }) => {
      const gpusPerNode = perNode * tensor;
      const gpus = gpusPerNode * nodes;
      fc.pre(gpus % (stages * tensor) === 0);
      const plan = { gpus, stages: { length: stages } };
      const degrees = { tensor, shards: gpus / stages / tensor, replicas: 1 };
      return range(gpus).every((rank) => {
        const inNodes = membersOf(tensorGroup(plan, degrees, rank)).map((member) => Math.floor(member / gpusPerNode));
        return new Set(inNodes).size === 1;
      });
    }),
  );
  t.pass();
});

test('groups of a rank in the second of two stages, by hand', (t) => {
  const plan = { gpus: 16, stages: { length: 2 } };
  const degrees = { tensor: 2, shards: 2, replicas: 2 };
  t.deepEqual(coordinatesOf(plan, degrees, 13), { tensor: 1, shard: 0, replica: 1 });
  t.deepEqual(membersOf(tensorGroup(plan, degrees, 13)), [12, 13]);
  t.deepEqual(membersOf(shardGroup(plan, degrees, 13)), [13, 15]);
  t.deepEqual(membersOf(replicaGroup(plan, degrees, 13)), [9, 13]);
  t.deepEqual(membersOf(dataGroup(plan, degrees, 13)), [9, 11, 13, 15]);
  t.deepEqual(membersOf(pipelineGroup(plan, 13)), [5, 13]);
});

test('global ranks count through nodes of any sizes', (t) => {
  t.deepEqual(
    ranksByNode([
      { name: 'a', gpus: 2 },
      { name: 'b', gpus: 1 },
      { name: 'c', gpus: 3 },
    ]),
    [[0, 1], [2], [3, 4, 5]],
  );
});
