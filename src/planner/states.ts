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
 * - dominated strategies: where l costs no more than k in time, memory (without and with its buffers), per iteration and
 *   in every resharding and transfer on both sides, putting l for k in any plan keeps it feasible and makes it no worse.
 *   Of strategies that are equal in all of these the first stays. With β the largest buffer of the other layers,
 *   M_l + max(β, B_l) ≤ M_k + max(β, B_k) for every β exactly if M_l ≤ M_k and M_l + B_l ≤ M_k + B_k.
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
      return before ?? undominated(costsAt(problem, layer, stage), at(problem.memoryLimit, stage), replaces);
    });
    states.push(row);
  }
  return states;
}

/** Whether a layer shares the arrays of its costs with the layer before. */
function sameCosts({ layers }: Problem, layer: number, stage: number): boolean {
  const [before, here] = [at(layers, layer - 1), at(layers, layer)];
  return (['time', 'memory', 'buffers', 'perIteration'] as const).every(
    (cost) => here[cost][stage] === before[cost][stage],
  );
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

/** What dominance compares of each strategy: A, e, M and M + B. */
interface Costs {
  readonly time: readonly number[];
  readonly iteration: readonly number[];
  readonly memory: readonly number[];
  readonly withBuffers: readonly number[];
}

function costsAt(problem: Problem, layer: number, stage: number): Costs {
  const { time, memory, buffers, perIteration } = at(problem.layers, layer);
  const [own, besides] = [at(memory, stage), at(buffers, stage)];
  return {
    time: at(time, stage),
    iteration: at(perIteration, stage),
    memory: own,
    withBuffers: own.map((bytes, k) => bytes + at(besides, k)),
  };
}

function undominated(costs: Costs, limit: number, replaces: readonly (readonly boolean[])[]): number[] {
  const all = [costs.time, costs.iteration, costs.memory, costs.withBuffers];
  const affordable = range(0, costs.time.length).filter(
    (k) => all.every((cost) => Number.isFinite(at(cost, k))) && fits(at(costs.withBuffers, k), limit),
  );
  const noWorse = (l: number, k: number): boolean =>
    at(at(replaces, l), k) && all.every((cost) => at(cost, l) <= at(cost, k));
  return affordable.filter((k) => !affordable.some((l) => l !== k && noWorse(l, k) && (l < k || !noWorse(k, l))));
}
