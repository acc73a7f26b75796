import { at, range } from './at.ts';
import type { Cell, Edge, LayeredGraph } from './layered-graph.ts';
import type { StageBuffers } from './stage-buffers.ts';

/** What a plan's parts are counted as: in seconds a second, but for memory, which is priced in seconds a full stage. */
export interface Weights {
  /** Of p_i. */
  readonly stage: number;
  /** Of o_j. */
  readonly boundary: number;
  /** Of e_i. */
  readonly iteration: number;
  /** Of stage i's memory without buffers, as a share of its room (see StageBuffers). */
  readonly memory: number;
}

/**
 * The least that is still to be paid from every point of a layered graph to its end, under some weights: shortest paths,
 * from the last layer backwards. No path is kept from exceeding memory, so these are lower bounds for every plan.
 * Seconds.
 */
export interface Completion {
  /** `into[u][i][b]`: from layer u, entered in stage i by class b, its own time included. */
  readonly into: readonly (readonly Float64Array[])[];
  /** `beyond[u][i][a]`: after layer u, left in stage i by class a. */
  readonly beyond: readonly (readonly Float64Array[])[];
}

export function cheapestCompletion({ cells, edges, problem, buffers }: LayeredGraph, weights: Weights): Completion {
  const { stages } = problem;
  const into: Float64Array[][] = [];
  const beyond: Float64Array[][] = [];
  for (const u of range(0, cells.length).reverse()) {
    const after = edges[u];
    const ahead = range(0, stages).map((i) =>
      after === undefined
        ? Float64Array.of(i === stages - 1 ? 0 : Infinity)
        : crossEdge(after, weights, at(at(into, u + 1), i), into[u + 1]?.[i + 1]),
    );
    const enters = edges[u - 1]?.enters ?? 1;
    beyond[u] = ahead;
    into[u] = at(cells, u).map((cell, i) => {
      const memory = perByte(weights.memory, at(buffers, i));
      return throughCell(cell, { ...weights, memory }, at(ahead, i), enters);
    });
  }
  return { into, beyond };
}

/** What a byte costs where a stage's room costs `price`. Against no room, nothing that is usable counts. */
export function perByte(price: number, { room }: StageBuffers): number {
  return room > 0 ? price / room : 0;
}

/** From each leaving class: the cheaper of staying in the stage and of going on to the next. */
function crossEdge(edge: Edge, weights: Weights, same: Float64Array, next: Float64Array | undefined): Float64Array {
  const { leaves, enters, reshard, transfer } = edge;
  const best = new Float64Array(leaves).fill(Infinity);
  for (let arc = 0; arc < reshard.length; arc += 1) {
    const a = Math.floor(arc / enters);
    const b = arc % enters;
    const stay = weights.stage * float(reshard, arc) + float(same, b);
    const crossing = float(transfer, arc);
    const move = next === undefined || crossing === Infinity ? Infinity : weights.boundary * crossing + float(next, b);
    best[a] = Math.min(float(best, a), stay, move);
  }
  return best;
}

function throughCell(cell: Cell, weights: Weights, ahead: Float64Array, enters: number): Float64Array {
  const { stage, iteration, memory } = weights;
  const best = new Float64Array(enters).fill(Infinity);
  for (let s = 0; s < cell.strategies.length; s += 1) {
    const own = stage * float(cell.time, s) + iteration * float(cell.iteration, s) + memory * float(cell.memory, s);
    const b = int(cell.enter, s);
    best[b] = Math.min(float(best, b), own + float(ahead, int(cell.leave, s)));
  }
  return best;
}

/** Of the cheapest whole path. */
export function cheapestTotal({ into }: Completion): number {
  return float(at(at(into, 0), 0), 0);
}

/** An entry that is there. Of one array type only, which keeps inner loops fast. */
export function float(array: Float64Array, index: number): number {
  return array[index] ?? NaN;
}

/** Likewise. */
export function int(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
