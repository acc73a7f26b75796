/** What a rank says of itself, by the metrics that docs/runtime.md lists. */
import type { Sample } from './prometheus-text.ts';

/** Of one rank, since its process began. */
export interface RankFigures {
  readonly rank: number;
  /** Its pipeline stage. */
  readonly stage: number;
  /** Optimizer steps done, and seconds that they took together. */
  readonly steps: number;
  readonly seconds: number;
  /** Peak of its memory, where it says so. */
  readonly peakBytes: number | undefined;
}

const STEPS = 'uniap_runtime_step_seconds_count';
const SECONDS = 'uniap_runtime_step_seconds_sum';
const PEAK = 'uniap_runtime_peak_memory_bytes';

/** The ranks of a pod that say how many steps they have done, in ascending order. */
export function rankFigures(samples: readonly Sample[]): RankFigures[] {
  const byRank = Map.groupBy(samples, ({ labels }) => labels.get('rank'));
  return [...byRank]
    .flatMap(([name, ofRank]) => {
      const rank = indexFrom(name);
      const stage = indexFrom(ofRank[0]?.labels.get('stage'));
      const valueOf = (metric: string) => amount(ofRank.find((sample) => sample.name === metric)?.value);
      const [steps, seconds] = [valueOf(STEPS), valueOf(SECONDS)];
      if (rank === undefined || stage === undefined || steps === undefined || seconds === undefined) return [];
      return [{ rank, stage, steps, seconds, peakBytes: valueOf(PEAK) }];
    })
    .sort((a, b) => a.rank - b.rank);
}

function indexFrom(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** A number that can be one of seconds, steps or bytes. */
function amount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}
