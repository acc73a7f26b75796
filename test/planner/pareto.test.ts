import test from 'ava';
import fc from 'fast-check';
import { paretoFront } from '../../src/planner/pareto.ts';

type Item = readonly [number, number, number, number];
const three = { first: ([a]: Item) => a, second: ([, b]: Item) => b, third: ([, , c]: Item) => c };
const four = { ...three, fourth: ([, , , d]: Item) => d };

for (const [count, objectives] of [
  [3, three],
  [4, four],
] as const) {
  test(`the front is what no other item is as good as in ${count} costs, with one of equals`, (t) => {
    const cost = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cost, cost, cost, cost), { maxLength: 60 }), (items) => {
        const front = paretoFront([...items], objectives);
        const noWorse = (a: Item, b: Item): boolean =>
          a.slice(0, count).every((value, index) => value <= (b[index] ?? 0));
        t.true(items.every((item) => front.some((kept) => noWorse(kept, item))));
        t.true(front.every((item) => front.every((other) => other === item || !noWorse(other, item))));
        t.deepEqual(front.map(objectives.first), front.map(objectives.first).sort((a, b) => a - b)); // prettier-ignore
      }),
      { seed: 3 },
    );
  });
}
