/** What a rank does and keeps for one layer, however the ranks that see other samples share its parameters. */
import { parameters, tiedParameters } from '../model/counts/parameters.ts';
import { activationBytes } from './activations.ts';
import { computationSeconds, type PassSeconds } from './computation.ts';
import type { PlacedLayer } from './layers.ts';
import type { Layout } from './layouts.ts';
import { tensorSeconds } from './tensor-parallelism.ts';
import { tensorBytes } from './tensors.ts';
import { bytesPerElement, gpusPerStage, KERNELS, type Candidate, type Strategy, type Workload } from './workload.ts';

export interface LayerWork {
  /** Parameters of a rank before sharding that it keeps for the layer. */
  readonly parameters: number;
  /** Those that it computes with: a tied weight too that another layer of the stage keeps. Gathered where they are sharded. */
  readonly usedParameters: number;
  /** Of these, those of a tied weight, whoever keeps it. */
  readonly tiedParameters: number;
  /** Seconds of one micro-batch: its own arithmetic, and exchanges with the tensor-parallel group. */
  readonly arithmetic: PassSeconds;
  readonly exchange: PassSeconds;
  /** Bytes kept of a micro-batch. */
  readonly activations: Readonly<Record<Strategy['recomputation'], number>>;
  /** Bytes of the largest tensor that it puts out, and of its gradient. */
  readonly tensors: number;
}

export function layerWork(
  { layer, tied }: PlacedLayer,
  workload: Workload,
  candidate: Candidate,
  layout: Layout,
): LayerWork {
  const { hardware, training } = workload;
  const shape = {
    tensorDegree: layout.tensor,
    sequenceParallel: layout.sequenceParallel,
    // Of a micro-batch, a rank works on the share of its data-parallel part.
    samples: (training.globalBatchSize / candidate.microBatches / gpusPerStage(workload, candidate)) * layout.tensor,
    bytesPerElement: bytesPerElement(workload),
    kernels: KERNELS,
  } as const;
  const execution = { ...shape, device: hardware.device, precision: training.precision };
  const own = parameters(layer, layout.tensor);
  const used = own + tiedParameters(layer, layout.tensor);
  return {
    // With one stage a tied weight is kept once, by the layer that it is tied to.
    parameters: candidate.stages > 1 ? used : own,
    usedParameters: used,
    tiedParameters: tied === null ? 0 : tiedParameters(tied, layout.tensor),
    arithmetic: computationSeconds(layer, execution),
    exchange: tensorSeconds(layer, hardware, shape),
    activations: {
      None: activationBytes(layer, { ...shape, recomputation: 'none' }),
      Full: activationBytes(layer, { ...shape, recomputation: 'full' }),
    },
    tensors: tensorBytes(layer, shape),
  };
}
