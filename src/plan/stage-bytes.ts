import type { StagePrice } from '../cost/price.ts';

/** Bytes on each GPU of a stage. */
export function stageBytes({ memory }: StagePrice): number {
  return memory.states + memory.gradients + memory.activations + memory.buffers + memory.passing;
}
