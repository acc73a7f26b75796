import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { CandidateLog } from '../../planner/search.ts';
import { nearestPairs } from '../nearest-pairs.ts';
import type { Site } from '../site.ts';
import { type Change, replanned } from './change.ts';

/** Of the candidates that the search left behind, those that are planned to their end. */
const NEAREST = 4;

/** The pairs of pipeline stages and micro-batches whose lower bounds are nearest to the plan, each to be planned by itself. */
export function runnersUp(
  site: Site,
  { stages, microBatches }: Pick<ParallelPlanSpec, 'stages' | 'microBatches'>,
  log: readonly CandidateLog[],
): readonly Change[] {
  const pairs = nearestPairs(log, { stages: stages.length, microBatches }, NEAREST);
  return pairs.map(({ lowerBound, ...pair }) => ({
    title: `pp${pair.stages}, ${pair.microBatches} micro-batch${pair.microBatches === 1 ? '' : 'es'}`,
    site: replanned(site, { pipelineDegree: pair.stages, microBatches: pair.microBatches }),
    lowerBound,
  }));
}
