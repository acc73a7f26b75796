/** In which order each pipeline stage works on its micro-batches. */
import type { ParallelPlanSpec } from '../../../api/parallel-plan.ts';

export interface Pass {
  readonly kind: 'forward' | 'backward';
  /** From 0. */
  readonly microBatch: number;
  /** Which of the stage's parts, from 0: stages have several under an interleaved schedule. */
  readonly chunk: number;
}

export interface Pipeline {
  readonly schedule: ParallelPlanSpec['schedule'];
  /** pp. */
  readonly stages: number;
  /** c. */
  readonly microBatches: number;
  /** Parts of each stage. */
  readonly chunks: number;
}

/**
 * The passes of a stage.
 *
 * - GPipe (arXiv 1811.06965): all forward passes, then all backward passes.
 * - 1F1B (PipeDream-Flush, arXiv 2006.09503): as many forward passes as stages lie behind, then one forward and one backward
 *   in turn, then the backward passes that are left.
 * - Interleaved 1F1B (arXiv 2104.04473, section 2.2): the same, where pp micro-batches pass one chunk after another.
 */
export function passesOf(pipeline: Pipeline, stage: number): readonly Pass[] {
  const { schedule, microBatches, chunks } = pipeline;
  const count = microBatches * chunks;
  const forward = Array.from({ length: count }, (_, index) => passAt(pipeline, 'forward', index));
  const backward = Array.from({ length: count }, (_, index) => passAt(pipeline, 'backward', index));
  const ahead = schedule === 'GPipe' ? count : Math.min(count, warmUp(pipeline, stage));
  const inTurn = forward.slice(ahead).flatMap((pass, index) => [pass, ...backward.slice(index, index + 1)]);
  return [...forward.slice(0, ahead), ...inTurn, ...backward.slice(count - ahead)];
}

/** Forward passes before the first backward pass, less the one that comes just before it. */
function warmUp({ stages, chunks }: Pipeline, stage: number): number {
  const behind = stages - 1 - stage;
  return chunks === 1 ? behind : 2 * behind + (chunks - 1) * stages;
}

/** The index-th forward or backward pass of a stage: rounds of pp micro-batches go through its chunks, backwards from the last. */
function passAt({ stages, chunks }: Pipeline, kind: Pass['kind'], index: number): Pass {
  if (chunks === 1) return { kind, microBatch: index, chunk: 0 };
  const round = Math.floor(index / (stages * chunks));
  const turn = Math.floor((index % (stages * chunks)) / stages);
  return {
    kind,
    microBatch: round * stages + (index % stages),
    chunk: kind === 'forward' ? turn : chunks - 1 - turn,
  };
}
