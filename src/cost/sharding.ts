/**
 * Seconds that data-parallel ranks take to gather parameters and to scatter gradients which they split (ZeRO, arXiv
 * 1910.02054, section 7; FSDP, arXiv 2304.11277). Each layer's exchange runs beside the computation of another one.
 */
import { collectiveSeconds } from './collectives.ts';
import type { PassSeconds } from './computation.ts';
import type { Hardware } from './hardware.ts';
import type { Strategy } from './workload.ts';

export interface ShardGroup extends Pick<Strategy, 'shards' | 'zeroStage'> {
  /** Ranks between members: the tensor degree. */
  readonly stride: number;
  /** Of one rank before sharding: those that it computes with, and of these those that it keeps for the layer. */
  readonly usedParameters: number;
  readonly parameters: number;
  /** Bytes of a parameter as it is gathered and of a gradient as it is summed. */
  readonly parameterBytes: number;
  readonly gradientBytes: number;
}

/** By what happens how often: what runs beside each micro-batch's passes, and beside those of the first or last one. */
export interface ShardingSeconds {
  readonly microBatch: PassSeconds;
  readonly iteration: PassSeconds;
}

const NOTHING: PassSeconds = { forward: 0, backward: 0 };

/**
 * - ZeRO-1: whole gradients are added up, scattered beside the last backward pass; updated parameters are gathered beside the
 *   next forward pass (Megatron-LM's `--overlap-grad-reduce` and `--overlap-param-gather`).
 * - ZeRO-2: gradients are scattered in each micro-batch's backward pass, so that no rank keeps whole ones; parameters are
 *   gathered once.
 * - ZeRO-3: parameters are gathered for each pass of each micro-batch besides.
 */
export function shardingSeconds(hardware: Hardware, group: ShardGroup): ShardingSeconds {
  const { zeroStage, usedParameters, parameters, parameterBytes, gradientBytes } = group;
  const ranks = { stride: group.stride, size: group.shards };
  const gather = (count: number): number =>
    collectiveSeconds(hardware, ranks, { kind: 'all-gather', bytes: count * parameterBytes });
  const scatter = (count: number): number =>
    collectiveSeconds(hardware, ranks, { kind: 'reduce-scatter', bytes: count * gradientBytes });
  switch (zeroStage) {
    case 1:
      return { microBatch: NOTHING, iteration: { forward: gather(parameters), backward: scatter(parameters) } };
    case 2:
      return {
        microBatch: { forward: 0, backward: scatter(usedParameters) },
        iteration: { forward: gather(parameters), backward: 0 },
      };
    case 3: {
      const gathered = gather(usedParameters);
      return { microBatch: { forward: gathered, backward: gathered + scatter(usedParameters) }, iteration: NOTHING };
    }
  }
}
