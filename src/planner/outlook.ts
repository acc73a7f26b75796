import type { LayeredGraph } from './layered-graph.ts';
import { priceMemory } from './memory-price.ts';

/** Memory prices that are tried, as multiples of one that suits the whole problem. */
const PRICES = [0, 1 / 2, 1, 2];

/** What is known of a problem's plans before any cutoff. */
export interface Outlook {
  /** Of every plan. Ticks. */
  readonly lowerBound: number;
  /** Of a stage's room, in ticks of p. */
  readonly prices: readonly number[];
}

/**
 * The bound by prices: of pp stages, each is no slower than the slowest and pays no more per iteration than the largest.
 * Instead of the largest, 1/pp of each may be counted; with that, and memory at a price, everything adds up.
 */
export function outlookOf(graph: LayeredGraph): Outlook {
  const { stages, microBatches } = graph.problem;
  const perTick = 1 + (microBatches - 1) / stages;
  const { price, lowerBound } = priceMemory(graph, { stage: perTick, iteration: 1 / stages });
  // Where memory is not scarce on average, it may be in one stage: a fraction of what a stage takes is tried.
  const base = price > 0 ? price / perTick : lowerBound / (microBatches + stages) / 4;
  return { lowerBound, prices: PRICES.map((multiple) => multiple * base) };
}
