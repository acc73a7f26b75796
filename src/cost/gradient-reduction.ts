/** Seconds that replicas sum their gradients, once per iteration. */
import { collectiveSeconds } from './collectives.ts';
import type { Hardware } from './hardware.ts';
import { exposedSeconds } from './overlap.ts';

export interface ReplicaGroup {
  /** Ranks between members: tensor degree × shards. */
  readonly stride: number;
  readonly replicas: number;
  /** Of the gradients that one rank holds. */
  readonly gradientBytes: number;
  /** Of the layer's backward pass for the last micro-batch, beside which they are summed, as far as no exchange fills it. */
  readonly backwardSeconds: number;
}

/** What the backward pass does not cover. */
export function gradientReductionSeconds(hardware: Hardware, group: ReplicaGroup): number {
  const ranks = { stride: group.stride, size: group.replicas };
  const reduction = collectiveSeconds(hardware, ranks, { kind: 'all-reduce', bytes: group.gradientBytes });
  return exposedSeconds(hardware, group.backwardSeconds, reduction);
}

/**
 * The stages that hold a tied weight (embedding and head) sum its gradient, rank by rank, after the last backward pass
 * (Megatron-LM's embedding group).
 */
export function tiedGradientSeconds(hardware: Hardware, distance: number, gradientBytes: number): number {
  return collectiveSeconds(hardware, { stride: distance, size: 2 }, { kind: 'all-reduce', bytes: gradientBytes });
}
