import { at, range } from './at.ts';
import { float, int } from './entries.ts';
import type { Cell, Edge, LayeredGraph } from './layered-graph.ts';

/** What a plan's parts are counted as: in ticks a tick, but for memory, which is priced in ticks a full stage. */
export interface Weights {
  /** Of p_i; boundaries count their tolls. */
  readonly stage: number;
  /** Of e_i. */
  readonly iteration: number;
  /** Of stage i's memory without buffers, as a share of its room. */
  readonly memory: number;
}

/**
 * The least that any path through a layered graph costs under some weights: shortest paths, from the last layer
 * backwards. No path is kept from exceeding memory, so this is a lower bound for every plan. Ticks.
 */
export function cheapestPath({ cells, edges, problem, room }: LayeredGraph, weights: Weights): number {
  const { stages } = problem;
  let later: Float64Array[] | undefined;
  for (const u of range(0, cells.length).reverse()) {
    const after = edges[u];
    const ahead = range(0, stages).map((i) =>
      after === undefined || later === undefined
        ? Float64Array.of(i === stages - 1 ? 0 : Infinity)
        : crossEdge(after, weights, at(later, i), later[i + 1]),
    );
    const enters = edges[u - 1]?.enters ?? 1;
    later = at(cells, u).map((cell, i) => {
      const memory = weights.memory / at(room, i);
      return throughCell(cell, { ...weights, memory }, at(ahead, i), enters);
    });
  }
  return later?.[0]?.[0] ?? Infinity;
}

/** From each leaving class: the cheaper of staying in the stage and of going on to the next. */
function crossEdge(edge: Edge, weights: Weights, same: Float64Array, next: Float64Array | undefined): Float64Array {
  const { leaves, enters, reshard, toll } = edge;
  const best = new Float64Array(leaves).fill(Infinity);
  for (let arc = 0; arc < reshard.length; arc += 1) {
    const a = Math.floor(arc / enters);
    const b = arc % enters;
    const stay = weights.stage * float(reshard, arc) + float(same, b);
    const move = next === undefined ? Infinity : float(toll, arc) + float(next, b);
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
