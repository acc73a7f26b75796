/** What one layer costs under one strategy, by cause. */
import { parameters, tiedParameters } from '../model/counts/parameters.ts';
import type { Layer } from '../model/layer.ts';
import { activationBytes } from './activations.ts';
import { bufferBytes } from './buffers.ts';
import { computationSeconds } from './computation.ts';
import { gradientReductionSeconds, tiedGradientSeconds } from './gradient-reduction.ts';
import { optimizerSeconds } from './optimizer.ts';
import { exposedSeconds } from './overlap.ts';
import { shardingSeconds } from './sharding.ts';
import { REDUCED_GRADIENT_BYTES, stateBytes } from './states.ts';
import { tensorSeconds } from './tensor-parallelism.ts';
import {
  bytesPerElement,
  gpusPerStage,
  KERNELS,
  samplesPerRank,
  type Candidate,
  type Strategy,
  type Workload,
} from './workload.ts';

/** Seconds and bytes on each rank. */
export interface LayerCost {
  /** Per micro-batch, forward and backward pass together. */
  readonly computation: number;
  readonly tensor: number;
  /** Gathering parameters and scattering gradients, as far as computation does not cover it. */
  readonly sharding: number;
  /** Per iteration: summing gradients among replicas, as far as the backward pass does not cover it, and of tied weights. */
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

/** A layer in its model. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Its weight is tied to another layer's, or another's to its. */
  readonly tied: boolean;
}

export function layerCost(
  placed: PlacedLayer,
  workload: Workload,
  candidate: Candidate,
  strategy: Strategy,
): LayerCost {
  const { training, hardware } = workload;
  const { layer } = placed;
  const { tensor, shards } = strategy;
  const samples = samplesPerRank(workload, candidate, strategy);
  const held = heldParameters(placed, candidate, tensor);
  const passes = passSeconds(layer, workload, strategy, samples);
  return {
    computation: passes.computation,
    tensor: passes.tensor,
    sharding: exposedSharding(held, workload, strategy, passes),
    data: reductionSeconds(placed, held, { workload, candidate, strategy }, passes.backward),
    optimizer: optimizerSeconds(hardware.device, training, held / shards),
    ...stateBytes(training, held, shards),
    activations: activationBytes(layer, workload, strategy, samples),
    buffers: bufferBytes(layer, workload, strategy, samples),
  };
}

/** Parameters of a rank before sharding. With one stage a tied weight is held once, by the layer that it is tied to. */
function heldParameters({ layer }: PlacedLayer, { stages }: Candidate, tensorDegree: number): number {
  return parameters(layer, tensorDegree) + (stages > 1 ? tiedParameters(layer, tensorDegree) : 0);
}

interface Passes {
  readonly computation: number;
  readonly tensor: number;
  /** Computation and tensor-parallel communication of either pass. */
  readonly forward: number;
  readonly backward: number;
}

/** Full recomputation runs the forward pass once more before the backward pass. */
function passSeconds(layer: Layer, workload: Workload, strategy: Strategy, samples: number): Passes {
  const { hardware, training } = workload;
  const shape = {
    tensorDegree: strategy.tensor,
    sequenceParallel: strategy.sequenceParallel,
    samples,
    bytesPerElement: bytesPerElement(workload),
  };
  const { device } = hardware;
  const arithmetic = computationSeconds(layer, { ...shape, device, precision: training.precision, kernels: KERNELS });
  const exchange = tensorSeconds(layer, hardware, shape);
  const forwardRuns = strategy.recomputation === 'Full' ? 2 : 1;
  return {
    computation: forwardRuns * arithmetic.forward + arithmetic.backward,
    tensor: forwardRuns * exchange.forward + exchange.backward,
    forward: arithmetic.forward + exchange.forward,
    backward: (forwardRuns - 1) * (arithmetic.forward + exchange.forward) + arithmetic.backward + exchange.backward,
  };
}

function exposedSharding(held: number, workload: Workload, { tensor, shards }: Strategy, passes: Passes): number {
  const exchange = shardingSeconds(workload.hardware, {
    stride: tensor,
    shards,
    parameterBytes: held * bytesPerElement(workload),
    gradientBytes: held * REDUCED_GRADIENT_BYTES,
  });
  return exposedSeconds(passes.forward, exchange.forward) + exposedSeconds(passes.backward, exchange.backward);
}

interface Choice {
  readonly workload: Workload;
  readonly candidate: Candidate;
  readonly strategy: Strategy;
}

function reductionSeconds(placed: PlacedLayer, held: number, choice: Choice, backwardSeconds: number): number {
  const { workload, candidate, strategy } = choice;
  const { tensor, shards, replicas } = strategy;
  const gradientBytes = (held / shards) * REDUCED_GRADIENT_BYTES;
  const among = { stride: tensor * shards, replicas, gradientBytes, backwardSeconds };
  const distance = (candidate.stages - 1) * gpusPerStage(workload, candidate);
  const tied =
    placed.tied && candidate.stages > 1 ? tiedGradientSeconds(workload.hardware, distance, gradientBytes) : 0;
  return gradientReductionSeconds(workload.hardware, among) + tied;
}
