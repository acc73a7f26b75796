/** How good estimates are, by source. */
import type { Outcome } from './outcomes.ts';

export interface Summary {
  readonly source: string;
  readonly runs: number;
  /** Runs without an estimate. */
  readonly declined: number;
  /** Means of the errors of step time, without and with their signs; null where no time was measured. */
  readonly absoluteError: number | null;
  readonly bias: number | null;
  /** Of the logarithms of estimated and measured tokens a second and GPU. */
  readonly correlation: number | null;
  /** By how much the layouts that the estimate ranks first are slower than the best measured, on average; null without {@link rankings}. */
  readonly regret: number | null;
  /** Models of which at least three layouts were measured on as many GPUs. */
  readonly rankings: number;
  readonly memoryError: number | null;
  readonly memoryBias: number | null;
  /** Verdicts of fitting or not: right ones, and all. */
  readonly right: number;
  readonly verdicts: number;
}

/** One entry a source, in the order of the runs, and one of all. */
export function summaries(outcomes: readonly Outcome[]): readonly Summary[] {
  const bySource = Map.groupBy(outcomes, ({ source }) => source);
  return [...[...bySource].map(([source, own]) => summary(source, own)), summary('all', outcomes)];
}

function summary(source: string, outcomes: readonly Outcome[]): Summary {
  const errors = known(outcomes.map(({ stepError }) => stepError));
  const memory = known(outcomes.map(({ memoryError }) => memoryError));
  const verdicts = known(outcomes.map(({ rightVerdict }) => rightVerdict));
  const regrets = regretsOf(outcomes);
  return {
    source,
    runs: outcomes.length,
    declined: outcomes.filter(({ estimate }) => estimate.reason !== undefined).length,
    absoluteError: mean(errors.map(Math.abs)),
    bias: mean(errors),
    correlation: correlation(rates(outcomes)),
    regret: mean(regrets),
    rankings: regrets.length,
    memoryError: mean(memory.map(Math.abs)),
    memoryBias: mean(memory),
    right: verdicts.filter(Boolean).length,
    verdicts: verdicts.length,
  };
}

function known<T>(values: readonly (T | null)[]): readonly T[] {
  return values.filter((value) => value !== null);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface Rates {
  readonly estimated: number;
  readonly measured: number;
}

/** Tokens a second and GPU. */
function rates(outcomes: readonly Outcome[]): readonly Rates[] {
  return outcomes.flatMap(({ run, estimate }) => {
    const { tokensPerSecondPerGpu: estimated } = estimate;
    const { tokens_per_s_per_gpu: measured } = run;
    return estimated === null || measured === null ? [] : [{ estimated, measured }];
  });
}

const LAYOUTS_OF_A_RANKING = 3;

/** Of each model that a source measured with many layouts on as many GPUs. */
function regretsOf(outcomes: readonly Outcome[]): readonly number[] {
  const groups = Map.groupBy(outcomes, ({ source, run }) => [source, run.model, run.gpus, run.seq_len].join());
  return [...groups.values()]
    .map(rates)
    .filter((group) => group.length >= LAYOUTS_OF_A_RANKING)
    .map((group) => {
      const first = group.reduce((best, other) => (other.estimated > best.estimated ? other : best));
      return Math.max(...group.map(({ measured }) => measured)) / first.measured - 1;
    });
}

/** Pearson's, of logarithms; null for fewer than three. */
function correlation(pairs: readonly Rates[]): number | null {
  const [x, y] = [pairs.map(({ estimated }) => Math.log(estimated)), pairs.map(({ measured }) => Math.log(measured))];
  const [middleX, middleY] = [mean(x), mean(y)];
  if (pairs.length < LAYOUTS_OF_A_RANKING || middleX === null || middleY === null) return null;
  const product = (a: readonly number[], aMean: number, b: readonly number[], bMean: number): number =>
    a.reduce((sum, value, index) => sum + (value - aMean) * ((b[index] ?? bMean) - bMean), 0);
  const spread = Math.sqrt(product(x, middleX, x, middleX) * product(y, middleY, y, middleY));
  return spread === 0 ? null : product(x, middleX, y, middleY) / spread;
}
