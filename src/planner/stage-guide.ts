import { at } from './at.ts';
import { cheapestCompletion, type Completion, float } from './completion.ts';
import type { LayeredGraph } from './layered-graph.ts';

/** What any plan has still to pay at least, from every point of the graph; memory is left out. */
export interface StageGuide {
  /** Every p and o once. */
  readonly all: Completion;
  /** Every p once, nothing for o. */
  readonly stages: Completion;
}

export function stageGuide(graph: LayeredGraph): StageGuide {
  return {
    all: cheapestCompletion(graph, { stage: 1, boundary: 1 }),
    stages: cheapestCompletion(graph, { stage: 1, boundary: 0 }),
  };
}

/**
 * A lower bound of every plan's value: what is paid once, and for every bubble the mean of the stages, which the slowest
 * is no quicker than. Seconds.
 */
export function guideBound({ problem }: LayeredGraph, { all, stages }: StageGuide): number {
  const least = ({ into }: Completion): number => float(at(at(into, 0), 0), 0);
  return least(all) + ((problem.microBatches - 1) * least(stages)) / problem.stages;
}
