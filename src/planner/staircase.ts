/** Pairs of costs of which no other is as good in both; less is better. By ascending first and descending second cost. */
export class Staircase {
  readonly #firsts: number[] = [];
  readonly #seconds: number[] = [];

  /** Whether a pair before is as good in both costs. */
  covers(first: number, second: number): boolean {
    const above = this.#firstAbove(first);
    return above > 0 && (this.#seconds[above - 1] ?? Infinity) <= second;
  }

  /** Adds a pair, unless one before is as good in both costs. */
  add(first: number, second: number): boolean {
    const above = this.#firstAbove(first);
    if (above > 0 && (this.#seconds[above - 1] ?? Infinity) <= second) {
      return false;
    }
    let end = above;
    while (end < this.#seconds.length && (this.#seconds[end] ?? -Infinity) >= second) {
      end += 1;
    }
    // A step of equal first cost is worse in the second, or the pair would not be added.
    const begin = above > 0 && this.#firsts[above - 1] === first ? above - 1 : above;
    this.#firsts.splice(begin, end - begin, first);
    this.#seconds.splice(begin, end - begin, second);
    return true;
  }

  /** How many steps cost at most `cost`. */
  #firstAbove(cost: number): number {
    let [low, high] = [0, this.#firsts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] ?? Infinity) <= cost) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/**
 * Triples of costs of which no other is as good in all: staircases of the first two, in a Fenwick tree over the ranks of
 * the third, so that a triple meets the staircases of all lower ranks in a logarithmic number of steps.
 *
 * P. M. Fenwick: A new data structure for cumulative frequency tables. Software: Practice and Experience 24(3), 1994.
 */
export class RankedStaircases {
  readonly #ranks: number;
  /** Those that are not empty. */
  readonly #nodes: (Staircase | undefined)[];

  /** @param ranks above every rank of a third cost */
  constructor(ranks: number) {
    this.#ranks = ranks;
    this.#nodes = new Array<Staircase | undefined>(ranks + 1);
  }

  /** Adds a triple whose third cost has that rank, from 0, unless one before is as good in all three. */
  add(first: number, second: number, rank: number): boolean {
    for (let node = rank + 1; node > 0; node -= node & -node) {
      if (this.#nodes[node]?.covers(first, second) === true) {
        return false;
      }
    }
    for (let node = rank + 1; node <= this.#ranks; node += node & -node) {
      (this.#nodes[node] ??= new Staircase()).add(first, second);
    }
    return true;
  }
}
