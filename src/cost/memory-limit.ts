import type { Layer } from '../model/layer.ts';
import { microBatchesInFlight } from './in-flight.ts';
import { reservedBytes } from './reserve.ts';
import { bytesPerElement, type Candidate, type Workload } from './workload.ts';

/** Bytes of a GPU that a plan may use: the device's memory less what the runtime takes, or less where planning says so. */
export function usableBytes({ hardware, planning }: Workload): number {
  return Math.min(planning.memoryLimitBytes ?? Infinity, hardware.memoryBytes - reservedBytes(hardware.memoryBytes));
}

/**
 * Bytes on a rank of stage i that hold what only passes through or is used again there: copies of tensors relayed to later
 * layers (T5's encoder output), one for each micro-batch in flight, whole on every tensor-parallel rank.
 */
export function relayedBytes(workload: Workload, candidate: Candidate, stage: number, tensorDegree: number): number {
  if (stage === 0) {
    return 0;
  }
  const elements = Math.max(0, ...workload.model.layers.map((layer: Layer) => layer.relayedElements));
  const samples = workload.training.globalBatchSize / candidate.microBatches;
  const share = (tensorDegree * candidate.stages) / workload.gpus;
  return elements * samples * share * bytesPerElement(workload) * microBatchesInFlight(workload, candidate, stage);
}
