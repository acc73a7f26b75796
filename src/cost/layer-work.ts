/** What a rank does and keeps for one layer, however the ranks that see other samples share its parameters. */
import { parameters, tiedParameters } from '../model/counts/parameters.ts';
import type { PlacedLayer } from './layers.ts';
import type { Layout } from './layouts.ts';
import { ownWork } from './measured-layers.ts';
import type { OwnWork } from './predicted-work.ts';
import { tensorBytes } from './tensors.ts';
import { bytesPerElement, gpusPerStage, softwareOf, type Candidate, type Workload } from './workload.ts';

export interface LayerWork extends OwnWork {
  /** Parameters of a rank before sharding that it keeps for the layer. */
  readonly parameters: number;
  /** Those that it computes with: a tied weight too that another layer of the stage keeps. Gathered where they are sharded. */
  readonly usedParameters: number;
  /** Of these, those of a tied weight, whoever keeps it. */
  readonly tiedParameters: number;
  /** Bytes of the largest tensor that it puts out, and of its gradient. */
  readonly tensors: number;
}

export function layerWork(
  { layer, tied }: PlacedLayer,
  workload: Workload,
  candidate: Candidate,
  layout: Layout,
): LayerWork {
  const { tensor, sequenceParallel } = layout;
  // Of a micro-batch, a rank works on the share of its data-parallel part.
  const samples =
    (workload.training.globalBatchSize / candidate.microBatches / gpusPerStage(workload, candidate)) * tensor;
  const shape = { tensor, sequenceParallel, samples };
  const own = parameters(layer, tensor);
  const used = own + tiedParameters(layer, tensor);
  return {
    // With one stage a tied weight is kept once, by the layer that it is tied to.
    parameters: candidate.stages > 1 ? used : own,
    usedParameters: used,
    tiedParameters: tied === null ? 0 : tiedParameters(tied, tensor),
    ...ownWork(layer, shape, workload),
    tensors: tensorBytes(layer, {
      ...shape,
      tensorDegree: tensor,
      bytesPerElement: bytesPerElement(workload),
      kernels: softwareOf(workload).kernels,
    }),
  };
}
