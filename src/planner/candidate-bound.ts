import { at, sum } from './at.ts';
import type { Matrix, Problem, StageTable } from './problem.ts';
import type { States } from './states.ts';

/**
 * A lower bound of a problem's value, from its tables alone; Infinity where some layer has no usable state. Seconds.
 *
 *     Σ_u a_u + w (pp − 1) r + (c − 1) · max(Σ_u a_u / pp, max_u a_u, r) + max(Σ_u e_u / pp, max_u e_u)
 *
 * Valid: layer u costs at least its least A (a_u) and least e (e_u) over its usable states, each of pp − 1 boundaries at
 * least the least R' of any edge (r), and the largest of pp stages is no smaller than their mean and than any layer.
 */
export function candidateBound(problem: Problem, states: States): number {
  const { layers, stages, microBatches, boundaryWeight } = problem;
  const least = (cost: 'time' | 'perIteration'): number[] =>
    states.map((byStage, layer) => leastOf(byStage, at(layers, layer)[cost]));
  const atLeastOneStage = (costs: readonly number[]): number => Math.max(sum(costs) / stages, ...costs);
  const time = least('time');
  if (time.includes(Infinity)) {
    return Infinity;
  }
  const transfer = stages > 1 ? Math.min(...[...new Set(problem.transfer)].map(leastEntry)) : 0;
  const slowest = Math.max(atLeastOneStage(time), transfer);
  const iteration = atLeastOneStage(least('perIteration'));
  return sum(time) + boundaryWeight * (stages - 1) * transfer + (microBatches - 1) * slowest + iteration;
}

/** The least cost of a layer's usable states. Stages that share their rows are looked at once. */
function leastOf(byStage: readonly (readonly number[])[], table: StageTable): number {
  let least = Infinity;
  for (const [stage, strategies] of byStage.entries()) {
    const row = at(table, stage);
    if (row !== table[stage - 1] || strategies !== byStage[stage - 1]) {
      for (const strategy of strategies) {
        least = Math.min(least, at(row, strategy));
      }
    }
  }
  return least;
}

function leastEntry(matrix: Matrix): number {
  return Math.min(...matrix.map((row) => Math.min(...row)));
}
