import { Staircase } from './staircase.ts';

/** The three costs by which items are compared; less is better in each. */
export interface Objectives<T> {
  readonly first: (item: T) => number;
  readonly second: (item: T) => number;
  readonly third: (item: T) => number;
}

/**
 * The items that no other is as good as in all three costs, by ascending first cost; of equals, the one that came first.
 * Sorts `items` in place. In that order an item is dropped if one before it is as good in the other two costs.
 */
export function paretoFront<T>(items: T[], { first, second, third }: Objectives<T>): T[] {
  items.sort((a, b) => first(a) - first(b) || second(a) - second(b) || third(a) - third(b));
  const stairs = new Staircase();
  return items.filter((item) => stairs.add(second(item), third(item)));
}
