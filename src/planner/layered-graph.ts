import { at, range } from './at.ts';
import { reshardingClasses } from './classes.ts';
import type { LayerCosts, Matrix, Problem } from './problem.ts';
import { type StageBuffers, stageBuffers } from './stage-buffers.ts';
import type { States } from './states.ts';

/** The usable states of one layer in one stage, in arrays of one entry a state. */
export interface Cell {
  readonly strategies: readonly number[];
  /** A. Seconds. */
  readonly time: Float64Array;
  /** M. Bytes. */
  readonly memory: Float64Array;
  /** B. Bytes. */
  readonly buffer: Float64Array;
  /** e. Seconds. */
  readonly iteration: Float64Array;
  /** Class by which the edge into the layer knows the state. */
  readonly enter: Int32Array;
  /** Class by which the edge out of the layer knows the state. */
  readonly leave: Int32Array;
}

/** The edge from a layer to the next, between classes: entry `leave · enters + enter`. Seconds. */
export interface Edge {
  readonly leaves: number;
  readonly enters: number;
  readonly reshard: Float64Array;
  readonly transfer: Float64Array;
}

/**
 * A problem as a layered graph in arrays, for the dynamic programs: a plan is a path through one state a layer, which
 * stays in its stage or goes on to the next at each edge.
 */
export interface LayeredGraph {
  readonly problem: Problem;
  /** `cells[u][i]`. */
  readonly cells: readonly (readonly Cell[])[];
  /** `edges[u]` joins layers u and u + 1. */
  readonly edges: readonly Edge[];
  /** One entry a stage. */
  readonly buffers: readonly StageBuffers[];
}

interface ClassedEdge extends Edge {
  readonly reshardMatrix: Matrix;
  readonly transferMatrix: Matrix;
  /** Class of each strategy on either side. */
  readonly leave: readonly number[];
  readonly enter: readonly number[];
}

/** @param states the states to choose from, see usableStates */
export function layeredGraph(problem: Problem, states: States): LayeredGraph {
  const edges: ClassedEdge[] = [];
  for (const [u, reshard] of problem.reshard.entries()) {
    const transfer = at(problem.transfer, u);
    const known = edges.at(-1);
    const same = known?.reshardMatrix === reshard && known.transferMatrix === transfer;
    edges.push(same ? known : classedEdge(reshard, transfer));
  }
  const cells: Cell[][] = [];
  for (const [u, byStage] of states.entries()) {
    const [before, after] = [edges[u - 1], edges[u]];
    // A layer with the arrays and the edges of the one before shares its cells, too.
    const repeats = before === edges[u - 2] && before === after && sharesTables(problem, u);
    const row = byStage.map((strategies, i) => {
      const shared = repeats && strategies === states[u - 1]?.[i] ? cells[u - 1]?.[i] : undefined;
      return shared ?? cellOf(at(problem.layers, u), i, strategies, { before, after });
    });
    cells.push(row);
  }
  return { problem, cells, edges, buffers: stageBuffers(problem, states) };
}

function sharesTables({ layers }: Problem, u: number): boolean {
  const [one, other] = [layers[u - 1], layers[u]];
  return (['time', 'memory', 'buffers', 'perIteration'] as const).every((cost) => one?.[cost] === other?.[cost]);
}

function cellOf(
  { time, memory, buffers, perIteration }: LayerCosts,
  stage: number,
  strategies: readonly number[],
  { before, after }: { readonly before: ClassedEdge | undefined; readonly after: ClassedEdge | undefined },
): Cell {
  const column = (table: Matrix): Float64Array => Float64Array.from(strategies, (k) => at(at(table, stage), k));
  const classes = (of: readonly number[] | undefined): Int32Array => Int32Array.from(strategies, (k) => of?.[k] ?? 0);
  return {
    strategies,
    time: column(time),
    memory: column(memory),
    buffer: column(buffers),
    iteration: column(perIteration),
    enter: classes(before?.enter),
    leave: classes(after?.leave),
  };
}

function classedEdge(reshardMatrix: Matrix, transferMatrix: Matrix): ClassedEdge {
  const matrices = [reshardMatrix, transferMatrix];
  const strategies = range(0, reshardMatrix.length);
  const leaving = reshardingClasses(strategies, { into: [], outOf: matrices });
  const entering = reshardingClasses(strategies, { into: matrices, outOf: [] });
  const between = (matrix: Matrix): Float64Array =>
    Float64Array.from(leaving.flatMap(([k = 0]) => entering.map(([l = 0]) => at(at(matrix, k), l))));
  return {
    reshardMatrix,
    transferMatrix,
    leave: strategies.map((k) => leaving.findIndex((members) => members.includes(k))),
    enter: strategies.map((k) => entering.findIndex((members) => members.includes(k))),
    leaves: leaving.length,
    enters: entering.length,
    reshard: between(reshardMatrix),
    transfer: between(transferMatrix),
  };
}
