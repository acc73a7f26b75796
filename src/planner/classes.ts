import { at } from './at.ts';
import type { Matrix } from './problem.ts';

/** The matrices by which strategies of a layer are told apart. */
export interface Edges {
  /** R and R' of edges into the layer: compared by column. */
  readonly into: readonly Matrix[];
  /** R and R' of edges out of the layer: compared by row. */
  readonly outOf: readonly Matrix[];
}

/**
 * Partitions `strategies` into resharding classes: strategies with equal columns in every matrix of an edge into their
 * layer and equal rows in every matrix of an edge out of it, so that arcs need to run between classes only.
 *
 * @returns the classes by their first members, ascending inside
 */
export function reshardingClasses(strategies: readonly number[], { into, outOf }: Edges): number[][] {
  const classes = new Map<string, number[]>();
  for (const strategy of strategies) {
    const columns = into.map((matrix) => matrix.map((row) => at(row, strategy)).join());
    const rows = outOf.map((matrix) => at(matrix, strategy).join());
    const signature = [...columns, ...rows].join('|');
    const members = classes.get(signature);
    if (members === undefined) {
      classes.set(signature, [strategy]);
    } else {
      members.push(strategy);
    }
  }
  return [...classes.values()];
}
