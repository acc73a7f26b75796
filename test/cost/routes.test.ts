import test from 'ava';
import { ringCrossings } from '../../src/cost/routes.ts';
import { someHardware } from './builders.ts';

/** 4 nodes of 8: which levels a group's ring crosses, with members inside a part of the level and hops. */
const ROUTES: readonly {
  readonly group: { readonly stride: number; readonly size: number };
  readonly crossed: readonly (readonly [kind: string, members: number, hops: number])[];
}[] = [
  { group: { stride: 1, size: 1 }, crossed: [] },
  { group: { stride: 1, size: 2 }, crossed: [['node', 1, 1]] },
  { group: { stride: 1, size: 8 }, crossed: [['node', 1, 7]] },
  { group: { stride: 2, size: 4 }, crossed: [['node', 1, 3]] },
  // Eight ranks of each node carry the ring out of it.
  {
    group: { stride: 1, size: 32 },
    crossed: [
      ['node', 1, 28],
      ['network', 8, 3],
    ],
  },
  {
    group: { stride: 4, size: 8 },
    crossed: [
      ['node', 1, 4],
      ['network', 2, 3],
    ],
  },
  { group: { stride: 8, size: 4 }, crossed: [['network', 1, 3]] },
  { group: { stride: 16, size: 2 }, crossed: [['network', 1, 1]] },
];

for (const { group, crossed } of ROUTES) {
  test(`ranks ${group.stride} apart, ${group.size} of them`, (t) => {
    const crossings = ringCrossings(someHardware(4, 8), group);
    t.deepEqual(
      crossings.map(({ tier, members, hops }) => [tier.kind, members, hops]),
      crossed.map((entry) => [...entry]),
    );
  });
}

test('a group that straddles nodes is charged the network', (t) => {
  const crossings = ringCrossings(someHardware(3, 8), { stride: 1, size: 3 });
  t.deepEqual(
    crossings.map(({ tier }) => tier.kind),
    ['network'],
  );
});
