import { cheapestPath, type Weights } from './completion.ts';
import type { LayeredGraph } from './layered-graph.ts';

/** Memory at a price. */
export interface PricedMemory {
  /** Ticks for a stage's whole room. */
  readonly price: number;
  /** What every plan's weighted cost is at least: the cheapest path's, less the price of what the limits allow. Ticks. */
  readonly lowerBound: number;
}

const MAX_DOUBLINGS = 20;
const REFINEMENTS = 8;

/**
 * The Lagrangian bound of memory, with one price for all stages. With b_i the least buffer in stage i, a plan that fits
 * has Σ M ≤ limit_i − b_i there and pays Σ_i Σ M / (limit_i − b_i) ≤ pp times the price, so the cheapest path under the
 * price, less pp times the price, is no more than any such plan's cost. The bound is concave in the price: doubled while
 * that helps, then refined between the neighbours of the best.
 *
 * @param weights how time counts
 */
export function priceMemory(graph: LayeredGraph, weights: Omit<Weights, 'memory'>): PricedMemory {
  const at = (price: number): PricedMemory => ({
    price,
    lowerBound: cheapestPath(graph, { ...weights, memory: price }) - graph.problem.stages * price,
  });
  const free = at(0);
  let best = free;
  let next = at(free.lowerBound / 64);
  for (let doublings = 0; next.lowerBound > best.lowerBound && doublings < MAX_DOUBLINGS; doublings += 1) {
    best = next;
    next = at(2 * next.price);
  }
  for (let step = best.price / 2, refined = 0; step > 0 && refined < REFINEMENTS; step /= 2, refined += 1) {
    const sides = [at(best.price - step), at(best.price + step)];
    best = [best, ...sides].reduce((a, b) => (b.lowerBound > a.lowerBound ? b : a));
  }
  return best;
}
