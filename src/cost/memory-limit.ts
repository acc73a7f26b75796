import type { Layer } from '../model/layer.ts';
import { correctionsOf } from './hardware.ts';
import { microBatchesInFlight } from './in-flight.ts';
import { reservedBytes } from './reserve.ts';
import { bytesPerElement, softwareOf, type Candidate, type Workload } from './workload.ts';

/** Bytes of a GPU that a plan may use: the device's memory less what the runtime takes, or less where planning says so. */
export function usableBytes({ hardware, planning }: Workload): number {
  return Math.min(planning.memoryLimitBytes ?? Infinity, hardware.memoryBytes - reservedBytes(hardware.memoryBytes));
}

/**
 * Bytes on a rank of stage i that only pass through, for each micro-batch in flight, whole on every tensor-parallel rank: copies of
 * tensors relayed to later layers (T5's encoder output), which each stage but the first has received; and what the stage hands
 * over, from which its backward pass begins (`torch.autograd.backward(output, gradient)`).
 */
export function passingBytes(workload: Workload, candidate: Candidate, stage: number, tensorDegree: number): number {
  const { layers } = workload.model;
  const relayed = stage === 0 ? 0 : largest(layers, ({ relayedElements }) => relayedElements);
  const output = largest(layers.slice(0, -1), ({ outputElements }) => outputElements);
  const handedOver = softwareOf(workload).keepsStageOutputs ? output * sendingChunks(candidate, stage) : 0;
  const samples = workload.training.globalBatchSize / candidate.microBatches;
  const share = (tensorDegree * candidate.stages) / workload.gpus;
  return (
    (relayed + handedOver) *
    samples *
    share *
    bytesPerElement(workload) *
    microBatchesInFlight(workload, candidate, stage) *
    correctionsOf(workload.hardware).memory
  );
}

/** Share of the chunks of a stage that hand something over: all but the last one of the model. */
function sendingChunks({ stages, virtualStages }: Candidate, stage: number): number {
  return stage === stages - 1 ? 1 - 1 / virtualStages : 1;
}

function largest(layers: readonly Layer[], elements: (layer: Layer) => number): number {
  return Math.max(0, ...layers.map(elements));
}
