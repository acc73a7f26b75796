/** What a gang's steps take, from what its ranks said each time that they were asked. */
import type { RankFigures } from './rank-figures.ts';

/** Of the last steps of a gang. */
export interface Figures {
  /** Mean time of a step. */
  readonly stepSeconds: number;
  /** Steps that this is the mean of. */
  readonly steps: number;
  /** Time from the first look at these steps to the last. */
  readonly spanSeconds: number;
  /** Largest peak of a rank, by pipeline stage; of those that said so. */
  readonly memoryBytes: ReadonlyMap<number, number>;
}

/** What a rank had done when it was asked. */
interface Progress {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly steps: number;
  readonly seconds: number;
}

export interface History {
  /** Steps end together on all ranks: it is enough to ask one. Ascending in time, without steps that warm up. */
  readonly progress: readonly Progress[];
  readonly rank: number | undefined;
  readonly memoryBytes: ReadonlyMap<number, number>;
}

export const NO_HISTORY: History = { progress: [], rank: undefined, memoryBytes: new Map() };

/** Steps that compile kernels, fill caches and find the fastest algorithms. */
const WARM_UP_STEPS = 3;
/** A mean of fewer says little. */
const FEWEST_STEPS = 5;

/**
 * The history after some ranks were asked at a moment. Of what is older than `windowSeconds` as much is kept as a mean needs.
 */
export function extended(history: History, ranks: readonly RankFigures[], moment: Moment): History {
  const memoryBytes = withPeaks(history.memoryBytes, ranks);
  const one = ranks.find(({ rank }) => rank === history.rank) ?? ranks[0];
  if (one === undefined || one.steps < WARM_UP_STEPS) return { ...history, memoryBytes };
  return { memoryBytes, rank: one.rank, progress: progressOf(history, one, moment) };
}

interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly windowSeconds: number;
}

function withPeaks(before: History['memoryBytes'], ranks: readonly RankFigures[]): History['memoryBytes'] {
  const peaks = new Map(before);
  for (const { stage, peakBytes } of ranks) {
    if (peakBytes !== undefined) peaks.set(stage, Math.max(peakBytes, peaks.get(stage) ?? 0));
  }
  return peaks;
}

/** A rank that has done fewer steps than before has begun anew. */
function progressOf(history: History, { rank, steps, seconds }: RankFigures, moment: Moment): readonly Progress[] {
  const { at, windowSeconds } = moment;
  const continues = rank === history.rank && steps >= (history.progress.at(-1)?.steps ?? 0);
  const progress = [...(continues ? history.progress : []), { at, steps, seconds }];
  const isEnough = (before: Progress) => at - before.at >= windowSeconds * 1000 && steps - before.steps >= FEWEST_STEPS;
  return progress.slice(Math.max(0, progress.findLastIndex(isEnough)));
}

/** Undefined until a rank has done some steps, besides those that warm up, from one look to another. */
export function figuresOf({ progress, memoryBytes }: History): Figures | undefined {
  const [first, last] = [progress.at(0), progress.at(-1)];
  if (first === undefined || last === undefined || last.steps === first.steps) return undefined;
  const steps = last.steps - first.steps;
  return {
    stepSeconds: (last.seconds - first.seconds) / steps,
    steps,
    spanSeconds: (last.at - first.at) / 1000,
    memoryBytes,
  };
}
