/** What the cost model says of runs, from the catalogue alone. */
import { InternalError, UserError } from '../api/errors.ts';
import { priceOf, type Price } from '../cost/price.ts';
import { memoryOfRun } from './run-memory.ts';
import { secondsOfRun } from './run-time.ts';
import { candidateOfRun, layoutOfRun, workloadOfRun } from './run-layout.ts';
import { readRun, type Run } from './run.ts';

export interface Estimate {
  /** As the run has it; null where it has none. */
  readonly id: unknown;
  /** Of one step of the optimizer. */
  readonly stepTimeSeconds: number | null;
  readonly tokensPerSecondPerGpu: number | null;
  /** Of the GPU that needs most, with what the runtime takes. */
  readonly memoryBytesPerDevice: number | null;
  /** Whether it needs no more than the device has. */
  readonly fits: boolean | null;
  /** Why the run cannot be priced. */
  readonly reason?: string;
}

/** Never throws for what stands in a run: one that cannot be priced says why. */
export function estimateRun(value: unknown): Estimate {
  try {
    const run = readRun(value);
    return { id: idOf(value), ...figures(run, priceOfRun(run)) };
  } catch (error) {
    // One run that we get wrong must not cost the others their estimates.
    if (!(error instanceof UserError || error instanceof InternalError)) throw error;
    return {
      id: idOf(value),
      stepTimeSeconds: null,
      tokensPerSecondPerGpu: null,
      memoryBytesPerDevice: null,
      fits: null,
      reason: error.message,
    };
  }
}

/** The price of a run's configuration, as the planner would have it. */
export function priceOfRun(run: Run): Price {
  return priceOf(workloadOfRun(run), candidateOfRun(run), layoutOfRun(run));
}

function figures(run: Run, price: Price): Omit<Estimate, 'id' | 'reason'> {
  const { machine, layout, shape } = run;
  const stepSeconds = secondsOfRun(run, price);
  const memoryBytes = memoryOfRun(run, price);
  return {
    stepTimeSeconds: stepSeconds,
    tokensPerSecondPerGpu: (layout.globalBatch * shape.tokens) / stepSeconds / machine.gpus,
    memoryBytesPerDevice: Math.round(memoryBytes),
    fits: memoryBytes <= price.usableBytes + price.reservedBytes,
  };
}

function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
}
