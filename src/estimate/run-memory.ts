/** Bytes of a GPU at the moment of a run at which it needs most. */
import type { Price, StagePrice } from '../cost/price.ts';
import { sum } from '../planner/at.ts';
import type { Run } from './run.ts';

export function memoryOfRun(run: Run, { stages, reservedBytes }: Price): number {
  return reservedBytes + Math.max(...stages.map((stage) => stageBytes(run, stage)));
}

/** Of the passes, or of the optimizer's step, when no activations are kept. */
function stageBytes(run: Run, { memory }: StagePrice): number {
  const { states, gradients } = memory;
  const passes = sum(Object.values(memory));
  const step = states + gradients + convertedBytes(run, gradients);
  return Math.max(passes, step) + engineBytes(run, gradients);
}

/** The step works on gradients at 32 bits: those kept at 16 are converted first, each rank its part. */
function convertedBytes({ layout, software: { loop } }: Run, gradients: number): number {
  return loop.gradientBytes === 4 ? 0 : ((gradients / loop.gradientBytes) * 4) / layout.shards;
}

/**
 * What DeepSpeed's ZeRO holds all the time: two buckets of gradients and one of parameters of 5 · 10⁸ elements each
 * (`reduce_bucket_size`, `allgather_bucket_size`); gradients as computed beside those added up at 32 bits, or at 16 bits
 * a flat copy of a rank's part and its conversion. NeMo's optimizer keeps of a parameter at 32 bits only what its 16-bit copy lacks
 * (`store_param_remainders`).
 */
function engineBytes({ framework, layout, software: { loop } }: Run, gradients: number): number {
  const parameters = gradients / loop.gradientBytes;
  if (framework.startsWith('nemo')) return (-2 * parameters) / layout.shards;
  if (!framework.includes('deepspeed')) return 0;
  return ZERO_BUCKET_BYTES + parameters * (loop.gradientBytes === 4 ? 2 : 6 / layout.shards);
}

const ZERO_BUCKET_BYTES = 3 * 5e8 * 2;
