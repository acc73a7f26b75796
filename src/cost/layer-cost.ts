/** What one layer costs under one strategy, by cause. */
import { bufferBytes } from './buffers.ts';
import { gradientReductionSeconds, tiedGradientSeconds } from './gradient-reduction.ts';
import { layerWork, type LayerWork } from './layer-work.ts';
import type { PlacedLayer } from './layers.ts';
import { memoized } from './memoized.ts';
import { optimizerSeconds } from './optimizer.ts';
import { exposedSeconds } from './overlap.ts';
import { shardingSeconds, type ShardingSeconds } from './sharding.ts';
import { gradientShards, stateBytes } from './states.ts';
import { bytesPerElement, gpusPerStage, softwareOf, type Candidate, type Strategy, type Workload } from './workload.ts';

/** Seconds and bytes on each rank. */
export interface LayerCost {
  /** Per micro-batch, forward and backward pass together. */
  readonly computation: number;
  readonly tensor: number;
  /** Gathering parameters and scattering gradients, as far as computation does not cover it. */
  readonly sharding: number;
  /** What of these three the forward pass takes; a recomputation is part of the backward pass. */
  readonly forward: number;
  /**
   * Per iteration, as far as passes do not cover it: exchanges among shards that keep parameters or gradients whole, summing
   * gradients among replicas, and those of tied weights.
   */
  readonly data: number;
  readonly optimizer: number;
  /** Bytes all the time. */
  readonly states: number;
  readonly gradients: number;
  /** Bytes for each micro-batch in flight. */
  readonly activations: number;
  /** Bytes while the layer is worked on. */
  readonly buffers: number;
}

export type LayerPricer = (strategy: Strategy) => LayerCost;

/**
 * Prices a layer under any strategy of candidates with these stages and micro-batches, each once. What depends on its layout alone
 * is worked out once for each layout.
 */
export function layerPricer(placed: PlacedLayer, workload: Workload, candidate: Candidate): LayerPricer {
  const workOf = memoized(
    ({ tensor, sequenceParallel }: Strategy) => `${tensor} ${sequenceParallel}`,
    (strategy) => layerWork(placed, workload, candidate, strategy),
  );
  return memoized(
    ({ tensor, sequenceParallel, replicas, shards, zeroStage, recomputation }: Strategy) =>
      `${tensor} ${sequenceParallel} ${replicas} ${shards} ${zeroStage} ${recomputation}`,
    (strategy) => layerCost(workOf(strategy), { workload, candidate, strategy }),
  );
}

interface Choice {
  readonly workload: Workload;
  readonly candidate: Candidate;
  readonly strategy: Strategy;
}

function layerCost(work: LayerWork, choice: Choice): LayerCost {
  const { workload, strategy } = choice;
  const { hardware, training } = workload;
  const { gradientBytes } = softwareOf(workload);
  const passes = passesOf(work, strategy);
  const { microBatch, iteration } = shardingOf(work, choice);
  const exposed = exposedSeconds(hardware, passes.forward, microBatch.forward);
  // What covers the exchange among shards does not cover that among replicas as well.
  const uncovered = Math.max(0, passes.backward - microBatch.backward - iteration.backward);
  return {
    computation: passes.computation,
    tensor: passes.tensor,
    sharding: exposed + exposedSeconds(hardware, passes.backward, microBatch.backward),
    forward: passes.forward + exposed,
    data:
      exposedSeconds(hardware, passes.forward, iteration.forward) +
      exposedSeconds(hardware, passes.backward, iteration.backward) +
      reductionSeconds(work, choice, uncovered),
    optimizer: optimizerSeconds(hardware.device, training, work.parameters / strategy.shards),
    ...stateBytes(training, work.parameters, { ...strategy, gradientBytes }),
    activations: work.activations[strategy.recomputation],
    buffers: bufferBytes(work, strategy, { bytesPerElement: bytesPerElement(workload), gradientBytes }),
  };
}

interface Passes {
  readonly computation: number;
  readonly tensor: number;
  /** Computation and tensor-parallel communication of either pass. */
  readonly forward: number;
  readonly backward: number;
}

/** Recomputation runs the forward pass, or a part of it, once more before the backward pass. */
function passesOf({ arithmetic, exchange, repeated }: LayerWork, { recomputation }: Strategy): Passes {
  const again = repeated[recomputation];
  return {
    computation: arithmetic.forward + again.arithmetic + arithmetic.backward,
    tensor: exchange.forward + again.exchange + exchange.backward,
    forward: arithmetic.forward + exchange.forward,
    backward: again.arithmetic + again.exchange + arithmetic.backward + exchange.backward,
  };
}

function shardingOf({ usedParameters, parameters }: LayerWork, { workload, strategy }: Choice): ShardingSeconds {
  return shardingSeconds(workload.hardware, {
    stride: strategy.tensor,
    shards: strategy.shards,
    zeroStage: strategy.zeroStage,
    usedParameters,
    parameters,
    parameterBytes: bytesPerElement(workload),
    gradientBytes: softwareOf(workload).gradientBytes,
  });
}

function reductionSeconds(
  { parameters, tiedParameters }: LayerWork,
  { workload, candidate, strategy }: Choice,
  backwardSeconds: number,
): number {
  const { hardware } = workload;
  const { tensor, shards, replicas } = strategy;
  const bytes = (count: number, parts: number): number => (count / parts) * softwareOf(workload).gradientBytes;
  const among = { stride: tensor * shards, replicas, gradientBytes: bytes(parameters, shards), backwardSeconds };
  const distance = (candidate.stages - 1) * gpusPerStage(workload, candidate);
  return (
    gradientReductionSeconds(hardware, among) +
    (candidate.stages > 1
      ? tiedGradientSeconds(hardware, distance, bytes(tiedParameters, gradientShards(strategy)))
      : 0)
  );
}
