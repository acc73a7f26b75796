import { at, range } from './at.ts';
import { fits } from './check.ts';
import type { Matrix, Problem } from './problem.ts';

/** `states[u][i]`: the strategies that layer u may need to take in stage i, ascending. */
export type States = readonly (readonly (readonly number[])[])[];

/**
 * The states (layer, stage, strategy) that an optimal plan can be made of. Left out are
 *
 * - layers that would leave an earlier or a later stage empty: u < i or u > V − pp + i;
 * - forbidden strategies (an infinite cost) and layers that exceed the stage's memory on their own;
 * - dominated strategies: where l costs no more than k in time, memory, per iteration and in every resharding and
 *   transfer on both sides, putting l for k in any plan keeps it feasible and makes it no worse. Of strategies that are
 *   equal in all of these the first stays.
 */
export function usableStates(problem: Problem): States {
  const { layers, stages } = problem;
  const states: (readonly number[])[][] = [];
  let connections: Connections | undefined;
  for (const layer of range(0, layers.length)) {
    const known = sameConnections(problem, layer, connections);
    const { replaces } = (connections = known ?? connectionsOf(problem, layer));
    const row = range(0, stages).map((stage) => {
      if (layer < stage || layer > layers.length - stages + stage) {
        return [];
      }
      const before =
        known && layer > stage && sameCosts(problem, layer, stage) ? states[layer - 1]?.[stage] : undefined;
      return before ?? undominated(affordable(problem, layer, stage), costsAt(problem, layer, stage), replaces);
    });
    states.push(row);
  }
  return states;
}

/** Whether a layer shares the arrays of its costs with the layer before. */
function sameCosts(problem: Problem, layer: number, stage: number): boolean {
  const before = costsAt(problem, layer - 1, stage);
  return costsAt(problem, layer, stage).every((row, index) => row === before[index]);
}

/** The matrices on both sides of a layer, and which strategy may replace which as far as they are concerned. */
interface Connections {
  readonly matrices: readonly (Matrix | undefined)[];
  /** `replaces[l][k]`: l reshards and transfers at no more cost than k, whatever the neighbours do. */
  readonly replaces: readonly (readonly boolean[])[];
}

function matricesOf({ reshard, transfer }: Problem, layer: number): (Matrix | undefined)[] {
  return [reshard[layer - 1], transfer[layer - 1], reshard[layer], transfer[layer]];
}

/** `known` where the layer has the very same matrices. */
function sameConnections(problem: Problem, layer: number, known: Connections | undefined): Connections | undefined {
  const matrices = matricesOf(problem, layer);
  return known?.matrices.every((matrix, index) => matrix === matrices[index]) === true ? known : undefined;
}

function connectionsOf(problem: Problem, layer: number): Connections {
  const matrices = matricesOf(problem, layer);
  const strategies = range(0, at(at(problem.layers, layer).time, 0).length);
  const [reshardIn, transferIn, reshardOut, transferOut] = matrices;
  const into = [reshardIn, transferIn].filter((matrix) => matrix !== undefined);
  const outOf = [reshardOut, transferOut].filter((matrix) => matrix !== undefined);
  const replaces = strategies.map((l) =>
    strategies.map(
      (k) =>
        into.every((matrix) => matrix.every((row) => at(row, l) <= at(row, k))) &&
        outOf.every((matrix) => at(matrix, l).every((cost, next) => cost <= at(at(matrix, k), next))),
    ),
  );
  return { matrices, replaces };
}

/** The costs of each strategy that dominance compares: A, M and e. */
function costsAt(problem: Problem, layer: number, stage: number): (readonly number[])[] {
  const { time, memory, perIteration } = at(problem.layers, layer);
  return [at(time, stage), at(memory, stage), at(perIteration, stage)];
}

function affordable(problem: Problem, layer: number, stage: number): number[] {
  const costs = costsAt(problem, layer, stage);
  const memory = at(at(problem.layers, layer).memory, stage);
  const limit = at(problem.memoryLimit, stage);
  return range(0, memory.length).filter(
    (k) => costs.every((cost) => Number.isFinite(at(cost, k))) && fits(at(memory, k), limit),
  );
}

function undominated(
  strategies: readonly number[],
  costs: readonly (readonly number[])[],
  replaces: readonly (readonly boolean[])[],
): number[] {
  const noWorse = (l: number, k: number): boolean =>
    at(at(replaces, l), k) && costs.every((cost) => at(cost, l) <= at(cost, k));
  return strategies.filter((k) => !strategies.some((l) => l !== k && noWorse(l, k) && (l < k || !noWorse(k, l))));
}
