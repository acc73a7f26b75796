/**
 * Seconds to hand an activation from one layout to another, forward, and its gradient back. Between layers it lies as the
 * tensor degree says: split among the data-parallel ranks, and whole on each tensor-parallel rank, or split there too under
 * sequence parallelism.
 */
import { exchangeSeconds, transferSeconds } from './collectives.ts';
import { greatestCommonDivisor } from './divisors.ts';
import type { Hardware } from './hardware.ts';

export interface Layout {
  readonly tensor: number;
  readonly sequenceParallel: boolean;
}

/** An activation of a whole micro-batch, on the GPUs of a stage. */
export interface Activation {
  readonly bytes: number;
  readonly gpusPerStage: number;
}

/** R: between layers of one stage. Forward and backward. */
export function reshardingSeconds(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  return conversion(hardware, activation, from, to) + conversion(hardware, activation, to, from);
}

/**
 * R': across a stage boundary. Each rank sends the 1/S of the activation that it holds in the layout of tensor degree 1 to
 * its counterpart in the next stage, which brings it into its own; the gradient comes back the same way.
 */
export function boundarySeconds(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  const { bytes, gpusPerStage } = activation;
  const oneWay = transferSeconds(hardware, gpusPerStage, bytes / gpusPerStage);
  return 2 * oneWay + conversion(hardware, activation, UNSPLIT, to) + conversion(hardware, activation, UNSPLIT, from);
}

const UNSPLIT: Layout = { tensor: 1, sequenceParallel: false };

/**
 * Ranks that come to share samples send them to each other; where the degree shrinks each keeps a slice of what it has. Under
 * sequence parallelism ranks hold as much before as after, and exchange what differs. Sent directly, so that no detour over
 * a third layout is quicker: R obeys the triangle inequality, where all layouts are sequence-parallel or none, as in the planner's
 * tables. At one degree with it and without, ranks gather their slices, or drop what is the others'.
 */
function conversion(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  const share = activation.bytes / activation.gpusPerStage;
  if (from.tensor === to.tensor) {
    const gathers = from.sequenceParallel && !to.sequenceParallel;
    return gathers ? exchangeSeconds(hardware, { stride: 1, size: to.tensor }, share) : 0;
  }
  const common = greatestCommonDivisor(from.tensor, to.tensor);
  if (from.sequenceParallel || to.sequenceParallel) {
    const group = { stride: common, size: (from.tensor * to.tensor) / common ** 2 };
    return exchangeSeconds(hardware, group, share / group.size);
  }
  return to.tensor === common ? 0 : exchangeSeconds(hardware, { stride: 1, size: to.tensor }, share, common);
}
