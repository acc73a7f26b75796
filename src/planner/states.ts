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
  /** Whether l reshards and transfers at no more cost than k, whatever the neighbours do. */
  readonly replaces: (l: number, k: number) => boolean;
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
  const [reshardIn, transferIn, reshardOut, transferOut] = matrices;
  const into = [reshardIn, transferIn].flatMap((matrix) => (matrix === undefined ? [] : [orderOf(matrix).columns]));
  const outOf = [reshardOut, transferOut].flatMap((matrix) => (matrix === undefined ? [] : [orderOf(matrix).rows]));
  const sides = [...into, ...outOf];
  const replaces = (l: number, k: number): boolean =>
    sides.every(({ classes, noWorse }) => at(at(noWorse, at(classes, l)), at(classes, k)));
  return { matrices, replaces };
}

/** Which vectors of costs are no more than which in every entry, by classes of equal ones. */
interface Order {
  /** Class of each strategy. */
  readonly classes: readonly number[];
  /** `noWorse[a][b]`: class a costs no more than class b. */
  readonly noWorse: readonly (readonly boolean[])[];
}

/** Edges of many layers and problems share their matrices. */
const orders = new WeakMap<Matrix, { readonly rows: Order; readonly columns: Order }>();

function orderOf(matrix: Matrix): { readonly rows: Order; readonly columns: Order } {
  const known = orders.get(matrix);
  if (known !== undefined) {
    return known;
  }
  const columns = at(matrix, 0).map((_, l) => matrix.map((row) => at(row, l)));
  const order = { rows: orderOfVectors(matrix), columns: orderOfVectors(columns) };
  orders.set(matrix, order);
  return order;
}

function orderOfVectors(vectors: readonly (readonly number[])[]): Order {
  const names = new Map<string, number>();
  const distinct: (readonly number[])[] = [];
  const classes = vectors.map((vector) => {
    const name = vector.join();
    const known = names.get(name) ?? distinct.push(vector) - 1;
    names.set(name, known);
    return known;
  });
  const noWorse = distinct.map((a) => distinct.map((b) => a.every((cost, index) => cost <= at(b, index))));
  return { classes, noWorse };
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

function undominated(costs: Costs, limit: number, replaces: Connections['replaces']): number[] {
  const all = [costs.time, costs.iteration, costs.memory, costs.withBuffers];
  const affordable = range(0, costs.time.length).filter(
    (k) => all.every((cost) => Number.isFinite(at(cost, k))) && fits(at(costs.withBuffers, k), limit),
  );
  const noWorse = (l: number, k: number): boolean => all.every((cost) => at(cost, l) <= at(cost, k)) && replaces(l, k);
  return affordable.filter((k) => !affordable.some((l) => l !== k && noWorse(l, k) && (l < k || !noWorse(k, l))));
}
