/** What was measured of runs beside what is estimated of them. */
import { estimateRun, type Estimate } from '../../src/estimate/estimate-run.ts';

/** What is read of a run besides its configuration. */
export interface MeasuredRun {
  readonly id: string;
  readonly source: string;
  readonly gpu: string;
  readonly model: string;
  readonly gpus: number;
  readonly seq_len: number;
  readonly step_time_s: number | null;
  readonly tokens_per_s_per_gpu: number | null;
  readonly peak_mem_gib: number | null;
  readonly outcome: string;
}

export interface Outcome {
  readonly run: MeasuredRun;
  readonly estimate: Estimate;
  /** Source and GPU, for people. */
  readonly source: string;
  /** Estimated over measured, less 1; null where one is not known. */
  readonly stepError: number | null;
  readonly memoryError: number | null;
  /** Whether the estimate says rightly that it fits or not; null where it does not say. */
  readonly rightVerdict: boolean | null;
}

const GIBIBYTE = 2 ** 30;

export function outcomesOf(runs: readonly MeasuredRun[]): readonly Outcome[] {
  return runs.map((run) => {
    const estimate = estimateRun(run);
    const { stepTimeSeconds, memoryBytesPerDevice, fits } = estimate;
    return {
      run,
      estimate,
      source: `${run.source.replace(/ \(.*\)/, '')}, ${run.gpu}`,
      stepError: error(stepTimeSeconds, run.step_time_s),
      memoryError: error(memoryBytesPerDevice, run.peak_mem_gib === null ? null : run.peak_mem_gib * GIBIBYTE),
      rightVerdict: fits === null ? null : fits === (run.outcome !== 'oom'),
    };
  });
}

function error(estimated: number | null, measured: number | null): number | null {
  return estimated === null || measured === null ? null : estimated / measured - 1;
}
