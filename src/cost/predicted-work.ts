/** What a rank's own work on one micro-batch takes, and what is kept of it, as the catalogue has it. */
import type { Layer } from '../model/layer.ts';
import type { Shape } from '../profile/measured/figure.ts';
import { upToLastKept } from '../model/counts/saved-activations.ts';
import { activationBytes } from './activations.ts';
import { attentionCoreSeconds, computationSeconds, type PassSeconds } from './computation.ts';
import { tensorSeconds } from './tensor-parallelism.ts';
import { bytesPerElement, softwareOf, type Strategy, type Workload } from './workload.ts';

/** Of one micro-batch. */
export interface OwnWork {
  /** Seconds of its own arithmetic, and of exchanges with the tensor-parallel group. */
  readonly arithmetic: PassSeconds;
  readonly exchange: PassSeconds;
  /** What of the forward pass the backward pass runs once more. */
  readonly repeated: Readonly<Record<Strategy['recomputation'], Repetition>>;
  /** Bytes kept. */
  readonly activations: Readonly<Record<Strategy['recomputation'], number>>;
}

/** Seconds of one micro-batch. */
export interface Repetition {
  readonly arithmetic: number;
  readonly exchange: number;
}

export function predictedWork(layer: Layer, { tensor, ...shared }: Shape, workload: Workload): OwnWork {
  const { hardware, training } = workload;
  const { kernels, recomputesOnlyNeeded, flashGeneration, float8Products } = softwareOf(workload);
  const shape = {
    ...shared,
    tensorDegree: tensor,
    bytesPerElement: bytesPerElement(workload),
    kernels,
  } as const;
  const { precision } = training;
  const products = float8Products ? 'FP8' : precision;
  const execution = { ...shape, device: hardware.device, precision, products, flashGeneration } as const;
  const again = recomputesOnlyNeeded ? { operators: upToLastKept(layer.operators, kernels) } : layer;
  const arithmetic = computationSeconds(layer, execution);
  const exchange = tensorSeconds(layer, hardware, shape);
  return {
    arithmetic,
    exchange,
    repeated: {
      None: { arithmetic: 0, exchange: 0 },
      // Heads are computed where they are: the attention core exchanges nothing.
      Selective: { arithmetic: attentionCoreSeconds(layer, execution).forward, exchange: 0 },
      Full: {
        arithmetic: computationSeconds(again, execution).forward,
        exchange: tensorSeconds(again, hardware, shape).forward,
      },
    },
    activations: {
      None: activationBytes(layer, { ...shape, recomputation: 'none' }),
      Selective: activationBytes(layer, { ...shape, recomputation: 'selective' }),
      Full: activationBytes(layer, { ...shape, recomputation: 'full' }),
    },
  };
}
