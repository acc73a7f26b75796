/** Seconds that 1F1B's stages wait for one another's transfers, which the planner's objective leaves out. */
import { at, range } from '../planner/at.ts';

/**
 * Stage i works on pp − i micro-batches at a time. From stage i to stage j and back, a micro-batch is computed and sent by each
 * stage between, and meanwhile these stages begin no more than n = j − i + 1 others: so a micro-batch takes at least
 * (Σp + Σo) / n of them, for every run of n neighbours. A step takes no longer than Σp + Σo + (c − 1) times the largest of these,
 * of which the objective has the runs of one stage, and boundaries alone. (Held to the pipeline played through in
 * `test/cost/pipeline-waits.test.ts`.)
 *
 * @param stages - p, seconds of a micro-batch in each stage
 * @param boundaries - o, of an activation and its gradient between each two
 */
export function pipelineWaits(microBatches: number, stages: readonly number[], boundaries: readonly number[]): number {
  const periods = range(0, stages.length).flatMap((first) => meansFrom(first, stages, boundaries));
  return (microBatches - 1) * Math.max(0, Math.max(...periods) - Math.max(...stages, ...boundaries));
}

/** Of each run of neighbours that begins with a stage. */
function meansFrom(first: number, stages: readonly number[], boundaries: readonly number[]): readonly number[] {
  let seconds = 0;
  return range(first, stages.length).map((stage) => {
    seconds += at(stages, stage) + (stage > first ? at(boundaries, stage - 1) : 0);
    return seconds / (stage - first + 1);
  });
}
