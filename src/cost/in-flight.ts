/** Which activations a stage holds at once, by the pipeline schedule. */
import { range, sum } from '../planner/at.ts';
import type { Candidate, Workload } from './workload.ts';

/**
 * How many micro-batches of each chunk of a stage wait for their backward passes: one entry for each moment at which there may
 * be most. Under GPipe all micro-batches; under 1F1B as many as stages lie ahead, itself included.
 *
 * Interleaved (arXiv 2104.04473, section 2.2, in the order of Megatron-LM): pp micro-batches pass through a chunk, then the
 * same ones through the next chunk. Rank i runs 2 (pp − i − 1) + (v − 1) pp forward passes ahead, then one forward and one
 * backward pass by turns, so that at most one more than these are in flight.
 */
export function chunksInFlight(
  { planning }: Pick<Workload, 'planning'>,
  { stages, microBatches, virtualStages }: Candidate,
  stage: number,
): readonly (readonly number[])[] {
  if (virtualStages > 1) {
    return interleaved({ stages, microBatches, virtualStages }, stage);
  }
  return [[planning.schedule === 'GPipe' ? microBatches : Math.min(microBatches, stages - stage)]];
}

function interleaved(
  { stages, microBatches, virtualStages }: Candidate,
  stage: number,
): readonly (readonly number[])[] {
  const all = virtualStages * microBatches;
  const most = Math.min(all, 2 * (stages - stage - 1) + (virtualStages - 1) * stages + 1);
  const period = virtualStages * stages;
  const chunkOf = (pass: number): number => Math.floor((pass % period) / stages);
  const counts = range(0, virtualStages).map(() => 0);
  const add = (chunk: number, passes: number): void => {
    counts[chunk] = (counts[chunk] ?? 0) + passes;
  };
  // Passes repeat after a period.
  return range(0, Math.min(all, most + period)).flatMap((pass) => {
    add(chunkOf(pass), 1);
    if (pass < most - 1) {
      return [];
    }
    const held = [...counts];
    add(virtualStages - 1 - chunkOf(pass - most + 1), -1);
    return [held];
  });
}

/** The most micro-batches of any chunk together that a stage holds activations of. */
export function microBatchesInFlight(
  workload: Pick<Workload, 'planning'>,
  candidate: Candidate,
  stage: number,
): number {
  return Math.max(...chunksInFlight(workload, candidate, stage).map(sum));
}
