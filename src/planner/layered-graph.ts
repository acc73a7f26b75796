import { at, range } from './at.ts';
import { candidateBound } from './candidate-bound.ts';
import { MEMORY_TOLERANCE } from './check.ts';
import { reshardingClasses } from './classes.ts';
import type { LayerCosts, Matrix, Problem } from './problem.ts';
import { type StageBuffers, stageBuffers } from './stage-buffers.ts';
import type { States } from './states.ts';

/** The usable states of one layer in one stage, in arrays of one entry a state. */
export interface Cell {
  readonly strategies: readonly number[];
  /** A. Ticks. */
  readonly time: Float64Array;
  /** e. Ticks. */
  readonly iteration: Float64Array;
  /** M. Parts of the stage's limit. */
  readonly memory: Float64Array;
  /** B. Parts of the stage's limit. */
  readonly buffer: Float64Array;
  /** Class by which the edge into the layer knows the state. */
  readonly enter: Int32Array;
  /** Class by which the edge out of the layer knows the state. */
  readonly leave: Int32Array;
}

/** The edge from a layer to the next, between classes: entry `leave · enters + enter`. Ticks. */
export interface Edge {
  readonly leaves: number;
  readonly enters: number;
  readonly reshard: Float64Array;
  readonly transfer: Float64Array;
  /** The transfer as often as it counts in the total: w times. */
  readonly toll: Float64Array;
}

/**
 * A problem as a layered graph in arrays, for the dynamic programs: a plan is a path through one state a layer, which
 * stays in its stage or goes on to the next at each edge.
 *
 * Costs are whole numbers, so that sums are exact and do not depend on their order: plans that differ in nothing but the
 * order of equal layers cost the same, and all but one are dropped. Times are rounded down to {@link tick}s, which makes
 * every plan cheaper by a share of less than 10⁻⁹; what is proved of the graph holds for the problem. Memory is rounded to
 * 2⁻⁴⁴ of the limit, within half of the checker's tolerance.
 */
export interface LayeredGraph {
  readonly problem: Problem;
  /** Seconds. */
  readonly tick: number;
  /** `cells[u][i]`. */
  readonly cells: readonly (readonly Cell[])[];
  /** `edges[u]` joins layers u and u + 1. */
  readonly edges: readonly Edge[];
  /** One entry a stage, in parts of its limit. */
  readonly buffers: readonly StageBuffers[];
  /** What each stage has for everything but its least buffer, in parts of its limit. */
  readonly room: readonly number[];
}

/** Where a stage begins: at which layer, entered by which class. */
export interface Place {
  readonly stage: number;
  readonly layer: number;
  readonly enter: number;
}

/** Parts of a stage's memory limit, and ticks of a problem's first bound: sums stay below 2⁵³, where doubles are exact. */
const PARTS = 2 ** 44;
const TICKS = 2 ** 48;

/** The memory of a stage, in parts, with half of what the checker forgives. */
export const MEMORY_PARTS = PARTS * (1 + MEMORY_TOLERANCE / 2);

interface ClassedEdge extends Edge {
  readonly reshardMatrix: Matrix;
  readonly transferMatrix: Matrix;
  /** Class of each strategy on either side. */
  readonly leave: readonly number[];
  readonly enter: readonly number[];
}

/** @param states the states to choose from, see usableStates */
export function layeredGraph(problem: Problem, states: States): LayeredGraph {
  const bound = candidateBound(problem, states);
  const tick = (bound > 0 && bound < Infinity ? bound : 1) / TICKS;
  const edges: ClassedEdge[] = [];
  for (const [u, reshard] of problem.reshard.entries()) {
    const transfer = at(problem.transfer, u);
    const known = edges.at(-1);
    const same = known?.reshardMatrix === reshard && known.transferMatrix === transfer;
    edges.push(same ? known : classedEdge(problem, u, tick));
  }
  const cells: Cell[][] = [];
  for (const [u, byStage] of states.entries()) {
    const [before, after] = [edges[u - 1], edges[u]];
    // A layer with the arrays and the edges of the one before shares its cells, too.
    const repeats = before === edges[u - 2] && before === after && sharesTables(problem, u);
    const row = byStage.map((strategies, i) => {
      const shared = repeats && strategies === states[u - 1]?.[i] ? cells[u - 1]?.[i] : undefined;
      const perByte = partsPerByte(at(problem.memoryLimit, i));
      return shared ?? cellOf(at(problem.layers, u), i, strategies, { before, after, tick, perByte });
    });
    cells.push(row);
  }
  const buffers = stageBuffers(problem, states).map(({ least, most }, i) => {
    const perByte = partsPerByte(at(problem.memoryLimit, i));
    return { least: Math.round(least * perByte), most: Math.round(most * perByte) };
  });
  return { problem, tick, cells, edges, buffers, room: buffers.map(({ least }) => Math.max(1, MEMORY_PARTS - least)) };
}

/** Against a limit of zero, nothing that is usable counts. */
function partsPerByte(limit: number): number {
  return limit > 0 ? PARTS / limit : 0;
}

function sharesTables({ layers }: Problem, u: number): boolean {
  const [one, other] = [layers[u - 1], layers[u]];
  return (['time', 'memory', 'buffers', 'perIteration'] as const).every((cost) => one?.[cost] === other?.[cost]);
}

interface CellContext {
  readonly before: ClassedEdge | undefined;
  readonly after: ClassedEdge | undefined;
  readonly tick: number;
  readonly perByte: number;
}

function cellOf(
  { time, memory, buffers, perIteration }: LayerCosts,
  stage: number,
  strategies: readonly number[],
  { before, after, tick, perByte }: CellContext,
): Cell {
  const ticks = (table: Matrix): Float64Array =>
    Float64Array.from(strategies, (k) => Math.floor(at(at(table, stage), k) / tick));
  const parts = (table: Matrix): Float64Array =>
    Float64Array.from(strategies, (k) => Math.round(at(at(table, stage), k) * perByte));
  const classes = (of: readonly number[] | undefined): Int32Array => Int32Array.from(strategies, (k) => of?.[k] ?? 0);
  return {
    strategies,
    time: ticks(time),
    iteration: ticks(perIteration),
    memory: parts(memory),
    buffer: parts(buffers),
    enter: classes(before?.enter),
    leave: classes(after?.leave),
  };
}

function classedEdge({ reshard, transfer, boundaryWeight }: Problem, u: number, tick: number): ClassedEdge {
  const [reshardMatrix, transferMatrix] = [at(reshard, u), at(transfer, u)];
  const matrices = [reshardMatrix, transferMatrix];
  const strategies = range(0, reshardMatrix.length);
  const leaving = reshardingClasses(strategies, { into: [], outOf: matrices });
  const entering = reshardingClasses(strategies, { into: matrices, outOf: [] });
  const between = (matrix: Matrix, weight = 1): Float64Array =>
    Float64Array.from(
      leaving.flatMap(([k = 0]) => entering.map(([l = 0]) => Math.floor((weight * at(at(matrix, k), l)) / tick))),
    );
  return {
    reshardMatrix,
    transferMatrix,
    leave: strategies.map((k) => leaving.findIndex((members) => members.includes(k))),
    enter: strategies.map((k) => entering.findIndex((members) => members.includes(k))),
    leaves: leaving.length,
    enters: entering.length,
    reshard: between(reshardMatrix),
    transfer: between(transferMatrix),
    toll: between(transferMatrix, boundaryWeight),
  };
}
