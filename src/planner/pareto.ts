import { at } from './at.ts';

/** The costs by which items are compared; less is better in each. */
export interface Objectives<T> {
  readonly first: (item: T) => number;
  readonly second: (item: T) => number;
  readonly third: (item: T) => number;
  /** Left out where it would be the same for all. */
  readonly fourth?: (item: T) => number;
}

/**
 * The items that no other is as good as in all costs, by ascending first cost; of equals, the one that came first.
 * Sorts `items` in place. In that order an item is dropped if one before it is as good in the other costs.
 */
export function paretoFront<T>(items: T[], objectives: Objectives<T>): T[] {
  const { first, second, third, fourth } = objectives;
  items.sort(
    (a, b) =>
      first(a) - first(b) ||
      second(a) - second(b) ||
      third(a) - third(b) ||
      (fourth === undefined ? 0 : fourth(a) - fourth(b)),
  );
  return fourth === undefined ? frontOfThree(items, objectives) : frontOfFour(items, { ...objectives, fourth });
}

/** The best of the items before are kept as a staircase: by ascending second and descending third cost. */
function frontOfThree<T>(items: readonly T[], { second, third }: Objectives<T>): T[] {
  const stairs: T[] = [];
  return items.filter((item) => {
    const [cost, other] = [second(item), third(item)];
    const above = firstAbove(stairs, second, cost);
    if (above > 0 && third(at(stairs, above - 1)) <= other) {
      return false;
    }
    let end = above;
    while (end < stairs.length && third(at(stairs, end)) >= other) {
      end += 1;
    }
    // A step of equal second cost is worse in the third, or the item would have been dropped.
    const begin = above > 0 && second(at(stairs, above - 1)) === cost ? above - 1 : above;
    stairs.splice(begin, end - begin, item);
    return true;
  });
}

function frontOfFour<T>(items: readonly T[], { second, third, fourth }: Required<Objectives<T>>): T[] {
  const front: T[] = [];
  for (const item of items) {
    const [cost, other, last] = [second(item), third(item), fourth(item)];
    if (!front.some((kept) => second(kept) <= cost && third(kept) <= other && fourth(kept) <= last)) {
      front.push(item);
    }
  }
  return front;
}

/** How many of the ascending `stairs` cost at most `cost`. */
function firstAbove<T>(stairs: readonly T[], costOf: (item: T) => number, cost: number): number {
  let [low, high] = [0, stairs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (costOf(at(stairs, middle)) <= cost) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
