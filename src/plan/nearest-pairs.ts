import type { Candidate, CandidateLog } from '../planner/search.ts';

/** A pair of pipeline stages and micro-batches that the search left behind, and what it proved of it. */
export interface Pair extends Candidate {
  /** No plan of the pair takes fewer seconds. */
  readonly lowerBound: number;
}

/** The pairs other than the one chosen of which some plan may fit, by their lower bounds, the least first; at most `most`. */
export function nearestPairs(log: readonly CandidateLog[], chosen: Candidate, most: number): readonly Pair[] {
  const keyOf = ({ stages, microBatches }: Candidate): string => `${stages} ${microBatches}`;
  const pairs = new Map<string, Pair>();
  for (const { candidate, lowerBound } of log.toSorted((one, other) => one.lowerBound - other.lowerBound)) {
    const key = keyOf(candidate);
    const { stages, microBatches } = candidate;
    // Of a pair's candidates the one with the least bound comes first.
    if (key !== keyOf(chosen) && Number.isFinite(lowerBound) && !pairs.has(key)) {
      pairs.set(key, { stages, microBatches, lowerBound });
    }
  }
  return [...pairs.values()].slice(0, most);
}
