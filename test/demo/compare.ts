/** What was planned of a job, beside what its pods say. */
import { invariant } from '../../src/api/errors.ts';
import type { ParallelPlanSpec } from '../../src/api/parallel-plan.ts';
import type { ActualFigures } from '../../src/api/training-job-status.ts';
import { columns } from '../../src/plan/columns.ts';
import { formatBytes, formatNumber, formatSeconds } from '../../src/plan/units.ts';

const WIDTHS = [17, 18, 18, 18];

/** A table for the terminal. */
export function compare({ predicted, stages }: ParallelPlanSpec, actual: ActualFigures): string {
  invariant(predicted !== undefined, 'a plan that was searched for has a prediction');
  const row = (name: string, format: (figure: number) => string, planned: number, measured: number) => [
    name,
    format(planned),
    format(measured),
    (measured / planned).toFixed(2),
  ];
  const memory = Math.max(...stages.map(({ memoryBytes = 0 }) => memoryBytes));
  const samples = (figure: number) => `${formatNumber(figure)} samples/s`;
  return columns(
    [
      ['', 'PLANNED', 'ACTUAL', 'ACTUAL / PLANNED'],
      row('step time', formatSeconds, Number(predicted.stepSeconds), Number(actual.stepSeconds)),
      row('throughput', samples, Number(predicted.samplesPerSecond), Number(actual.samplesPerSecond)),
      ...(actual.memoryBytes === undefined ? [] : [row('memory of a GPU', formatBytes, memory, actual.memoryBytes)]),
    ],
    WIDTHS,
  );
}
