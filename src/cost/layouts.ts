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
  /**
   * Under sequence parallelism ranks share the `tokens` that a tensor-parallel group has, one sample's after another's (our runtime:
   * docs/runtime.md, Activations), or the positions of each `sequence` (arXiv 2205.05198).
   */
  readonly shared: 'tokens' | 'sequence';
}

/** R: between layers of one stage. Forward and backward. */
export function reshardingSeconds(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  return conversion(hardware, activation, from, to) + conversion(hardware, activation, to, from);
}

/**
 * R': across a stage boundary. Each rank sends 1/S of the activation to its counterpart in the next stage, and the gradient comes
 * back the same way: its own part where it has no more, and else what it holds in the layout of tensor degree 1, which both
 * stages bring into their own.
 */
export function boundarySeconds(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  const { bytes, gpusPerStage } = activation;
  const oneWay = transferSeconds(hardware, gpusPerStage, bytes / gpusPerStage);
  const conversions =
    from.sequenceParallel && to.sequenceParallel
      ? reshardingSeconds(hardware, activation, from, to)
      : conversion(hardware, activation, UNSPLIT, to) + conversion(hardware, activation, UNSPLIT, from);
  return 2 * oneWay + conversions;
}

const UNSPLIT: Layout = { tensor: 1, sequenceParallel: false };

/**
 * Ranks that come to hold the same samples send them to each other; where fewer hold the same, each keeps a part of what it has.
 * Sharing tokens, ranks of any tensor degree hold what they would at degree 1. Sharing sequences they hold as much as that, but other
 * tokens, and exchange what differs. Sent directly, so that no detour over a third layout is quicker: R obeys the triangle inequality,
 * where all layouts are sequence-parallel or none, as in the planner's tables.
 */
function conversion(hardware: Hardware, activation: Activation, from: Layout, to: Layout): number {
  const share = activation.bytes / activation.gpusPerStage;
  if (activation.shared === 'sequence' && from.tensor !== to.tensor && (from.sequenceParallel || to.sequenceParallel)) {
    const common = greatestCommonDivisor(from.tensor, to.tensor);
    const group = { stride: common, size: (from.tensor * to.tensor) / common ** 2 };
    return exchangeSeconds(hardware, group, share / group.size);
  }
  const [held, wanted] = [holders(from), holders(to)];
  const common = greatestCommonDivisor(held, wanted);
  return wanted === common ? 0 : exchangeSeconds(hardware, { stride: 1, size: wanted }, share, common);
}

/** Ranks that hold the same samples. */
function holders({ tensor, sequenceParallel }: Layout): number {
  return sequenceParallel ? 1 : tensor;
}
