import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { CandidateLog } from '../../planner/search.ts';
import type { Site } from '../site.ts';
import { type Change, replanned } from './change.ts';

/** Of the candidates that the search left behind, those that are planned to their end. */
const NEAREST = 4;

/** The pairs of pipeline stages and micro-batches whose lower bounds are nearest to the plan, each to be planned by itself. */
export function runnersUp(
  site: Site,
  plan: Pick<ParallelPlanSpec, 'stages' | 'microBatches'>,
  log: readonly CandidateLog[],
): readonly Change[] {
  const chosen = nameOf({ stages: plan.stages.length, microBatches: plan.microBatches });
  // The least of a pair's bounds comes first, and stays.
  const pairs = new Map<string, CandidateLog>();
  for (const entry of log.toSorted((one, other) => one.lowerBound - other.lowerBound)) {
    const name = nameOf(entry.candidate);
    if (name !== chosen && Number.isFinite(entry.lowerBound)) pairs.set(name, pairs.get(name) ?? entry);
  }
  return [...pairs].slice(0, NEAREST).map(([title, { candidate, lowerBound }]) => ({
    title,
    site: replanned(site, { pipelineDegree: candidate.stages, microBatches: candidate.microBatches }),
    lowerBound,
  }));
}

function nameOf({ stages, microBatches }: Pick<CandidateLog['candidate'], 'stages' | 'microBatches'>): string {
  return `pp${stages}, ${microBatches} micro-batch${microBatches === 1 ? '' : 'es'}`;
}
