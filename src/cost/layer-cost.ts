/** What one layer costs under one strategy, by cause. */
import { bufferBytes } from './buffers.ts';
import type { Corrections } from './corrections.ts';
import { engineLimits } from './engines.ts';
import { accumulationSeconds } from './gradient-accumulation.ts';
import { gradientReductionSeconds, tiedGradientSeconds } from './gradient-reduction.ts';
import { correctionsOf } from './hardware.ts';
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
 * Prices a layer under any strategy of candidates that differ in agreements alone, each once. What depends on its layout alone is
 * worked out once for each layout.
 */
export function layerPricer(placed: PlacedLayer, workload: Workload, candidate: Candidate): LayerPricer {
  const workOf = memoized(
    ({ tensor, sequenceParallel }: Strategy) => `${tensor} ${sequenceParallel}`,
    (strategy) => correctedWork(layerWork(placed, workload, candidate, strategy), correctionsOf(workload.hardware)),
  );
  return memoized(
    ({ tensor, sequenceParallel, replicas, shards, zeroStage, recomputation }: Strategy) =>
      `${tensor} ${sequenceParallel} ${replicas} ${shards} ${zeroStage} ${recomputation}`,
    (strategy) => layerCost(workOf(strategy), { workload, candidate, strategy }),
  );
}

/** Exchanges are corrected where they are priced. */
function correctedWork(work: LayerWork, { computation }: Corrections): LayerWork {
  const { arithmetic, repeated } = work;
  const again = (kept: keyof LayerWork['repeated']) => ({
    ...repeated[kept],
    arithmetic: computation * repeated[kept].arithmetic,
  });
  return {
    ...work,
    arithmetic: { forward: computation * arithmetic.forward, backward: computation * arithmetic.backward },
    repeated: { None: again('None'), Selective: again('Selective'), Full: again('Full') },
  };
}

interface Choice {
  readonly workload: Workload;
  readonly candidate: Candidate;
  readonly strategy: Strategy;
}

function layerCost(work: LayerWork, choice: Choice): LayerCost {
  const { workload, strategy } = choice;
  const { hardware, training } = workload;
  const { overlapsParameterGather } = softwareOf(workload);
  const correction = correctionsOf(hardware);
  const passes = passesOf(work, choice);
  const { microBatch, iteration } = shardingOf(work, choice);
  const exposed = exposedSeconds(hardware, passes.forward, microBatch.forward);
  const beside = lastPasses(choice.candidate);
  // What covers the exchange among shards does not cover that among replicas as well.
  const uncovered = Math.max(0, beside * (passes.backward - microBatch.backward) - iteration.backward);
  return {
    computation: passes.computation,
    tensor: passes.tensor,
    sharding: exposed + exposedSeconds(hardware, passes.backward, microBatch.backward),
    forward: passes.forward + exposed,
    data:
      (overlapsParameterGather
        ? exposedSeconds(hardware, beside * passes.forward, iteration.forward)
        : iteration.forward) +
      exposedSeconds(hardware, beside * passes.backward, iteration.backward) +
      reductions(choice) * reductionSeconds(work, choice, uncovered),
    optimizer: correction.computation * optimizerSeconds(hardware.device, training, work.parameters / strategy.shards),
    ...bytesOf(work, choice),
  };
}

type LayerBytes = Pick<LayerCost, 'states' | 'gradients' | 'activations' | 'buffers'>;

function bytesOf(work: LayerWork, { workload, strategy }: Choice): LayerBytes {
  const { gradientBytes } = softwareOf(workload);
  const { memory } = correctionsOf(workload.hardware);
  const { states, gradients } = stateBytes(workload.training, work.parameters, { ...strategy, gradientBytes });
  return {
    states: memory * states,
    gradients: memory * gradients,
    activations: memory * work.activations[strategy.recomputation],
    buffers: memory * bufferBytes(work, strategy, { bytesPerElement: bytesPerElement(workload), gradientBytes }),
  };
}

/**
 * Of how many micro-batches the passes of a layer run beside what is exchanged once per iteration. With virtual stages, pp
 * micro-batches pass through each of the other chunks after the last one of a layer's own (before its first one, forward):
 * half of them on average.
 */
function lastPasses({ stages, microBatches, virtualStages }: Candidate): number {
  return Math.min(microBatches, 1 + (stages * (virtualStages - 1)) / 2);
}

interface Passes {
  readonly computation: number;
  readonly tensor: number;
  /** Computation and tensor-parallel communication of either pass. */
  readonly forward: number;
  readonly backward: number;
}

/**
 * Recomputation runs the forward pass, or a part of it, once more before the backward pass, after which gradients are added to
 * those of other micro-batches.
 */
function passesOf(work: LayerWork, choice: Choice): Passes {
  const { arithmetic, repeated } = work;
  const { hardware } = choice.workload;
  const again = repeated[choice.strategy.recomputation];
  const backward = again.arithmetic + arithmetic.backward;
  const exposed = (computation: number, exchange: number): number =>
    softwareOf(choice.workload).overlapsTensorExchange ? exposedSeconds(hardware, computation, exchange) : exchange;
  const exchange = {
    forward: exposed(arithmetic.forward, work.exchange.forward),
    backward: exposed(backward, again.exchange + work.exchange.backward),
  };
  const accumulation = accumulationOf(work, choice);
  return {
    computation: arithmetic.forward + backward + accumulation,
    tensor: exchange.forward + exchange.backward,
    forward: arithmetic.forward + exchange.forward,
    backward: backward + exchange.backward + accumulation,
  };
}

function accumulationOf({ usedParameters }: LayerWork, { workload, candidate, strategy }: Choice): number {
  const accumulated = {
    parameters: usedParameters,
    microBatches: candidate.microBatches,
    computedBytes: bytesPerElement(workload),
  };
  const seconds = accumulationSeconds(workload.hardware.device, accumulated, strategy, softwareOf(workload));
  return correctionsOf(workload.hardware).computation * seconds;
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

/** How often replicas sum their gradients in a step. */
function reductions({ workload, candidate }: Choice): number {
  return engineLimits(workload.planning.engine).sumsEachMicroBatch(candidate) ? candidate.microBatches : 1;
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
