import test from 'ava';
import fc from 'fast-check';
import { paretoFront } from '../../src/planner/pareto.ts';
import { RankedStaircases } from '../../src/planner/staircase.ts';

type Item = readonly [number, number, number];

const cost = fc.integer({ min: 0, max: 6 });
const items = fc.array(fc.tuple(cost, cost, cost), { maxLength: 60 });

function noWorse(a: Item, b: Item): boolean {
  return a.every((value, index) => value <= (b[index] ?? 0));
}

test('the front is what no other item is as good as, with one of equals', (t) => {
  const objectives = { first: ([a]: Item) => a, second: ([, b]: Item) => b, third: ([, , c]: Item) => c };
  fc.assert(
    fc.property(items, (all) => {
      const front = paretoFront([...all], objectives);
      t.true(all.every((item) => front.some((kept) => noWorse(kept, item))));
      t.true(front.every((item) => front.every((other) => other === item || !noWorse(other, item))));
      t.deepEqual(front.map(objectives.first), front.map(objectives.first).sort((a, b) => a - b)); // prettier-ignore
    }),
    { seed: 3 },
  );
});

test('ranked staircases take what none before is as good as', (t) => {
  fc.assert(
    fc.property(items, (all) => {
      const stairs = new RankedStaircases(7);
      for (const [index, item] of all.entries()) {
        const [first, second, rank] = item;
        t.is(stairs.add(first, second, rank), !all.slice(0, index).some((before) => noWorse(before, item)));
      }
    }),
    { seed: 3 },
  );
});
