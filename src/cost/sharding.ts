/**
 * Seconds of fully sharded data parallelism (arXiv 2304.11277): each pass gathers a layer's parameters while the layer before
 * computes, and each micro-batch's backward pass reduce-scatters its gradients, so that no rank keeps whole ones.
 */
import { collectiveSeconds } from './collectives.ts';
import type { PassSeconds } from './computation.ts';
import type { Hardware } from './hardware.ts';

export interface ShardGroup {
  /** Ranks between members: the tensor degree. */
  readonly stride: number;
  readonly shards: number;
  /** Bytes of one rank's parameters before sharding, as they are gathered and as gradients are summed. */
  readonly parameterBytes: number;
  readonly gradientBytes: number;
}

export function shardingSeconds(hardware: Hardware, group: ShardGroup): PassSeconds {
  const ranks = { stride: group.stride, size: group.shards };
  const gather = collectiveSeconds(hardware, ranks, { kind: 'all-gather', bytes: group.parameterBytes });
  const scatter = collectiveSeconds(hardware, ranks, { kind: 'reduce-scatter', bytes: group.gradientBytes });
  return { forward: gather, backward: gather + scatter };
}
