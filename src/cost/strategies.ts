import type { Layer } from '../model/layer.ts';
import { divisors } from './divisors.ts';
import { engineLimits } from './engines.ts';
import type { HardwareTier } from './hardware.ts';
import { gpusPerStage, type Candidate, type Strategy, type Workload } from './workload.ts';

/**
 * Every way to split a layer among the S = gpus / stages GPUs of a stage that planning allows, some layer can be split by, and
 * the batch divides: a micro-batch must give each data-parallel rank whole samples. Deterministic order; empty where the
 * candidate cannot be.
 *
 * Tensor groups stay inside a node (or NVLink domain), whose links are many times faster than the network, unless a degree
 * is fixed or nothing else can be. Left out is what the engine cannot run, or all layers of the candidate do not agree on.
 */
export function strategiesOf(workload: Workload, candidate: Candidate): readonly Strategy[] {
  const near = tensorDegreesOf(workload, candidate, nearGpus(workload.hardware.tiers));
  const strategies = withDegrees(workload, candidate, near);
  return strategies.length > 0
    ? strategies
    : withDegrees(workload, candidate, tensorDegreesOf(workload, candidate, gpusPerStage(workload, candidate)));
}

function withDegrees(workload: Workload, candidate: Candidate, degrees: readonly number[]): readonly Strategy[] {
  const { planning } = workload;
  const { hasStrategy } = engineLimits(planning.engine);
  const strategies = degrees.flatMap((tensor) =>
    dataDegreesOf(workload, candidate, tensor).flatMap((data) =>
      zeroStagesOf(planning, data.shards).flatMap((zeroStage) =>
        planning.recomputations.map((recomputation) => ({
          tensor,
          sequenceParallel: tensor > 1 && planning.sequenceParallel,
          ...data,
          zeroStage,
          recomputation,
        })),
      ),
    ),
  );
  return strategies.filter((strategy) => hasStrategy(strategy, candidate) && agrees(strategy, candidate.only?.all));
}

/** Whether a strategy has the values that are asked for. */
export function agrees(strategy: Strategy, asked: Partial<Strategy> = {}): boolean {
  return Object.entries(asked).every(([field, value]) => strategy[field as keyof Strategy] === value); // its own keys
}

function zeroStagesOf({ zeroStages }: Workload['planning'], shards: number): readonly Strategy['zeroStage'][] {
  return shards === 1 ? [3] : zeroStages;
}

/** GPUs that are joined by something faster than the network. */
function nearGpus(tiers: readonly HardwareTier[]): number {
  return tiers.filter(({ kind }) => kind !== 'network').at(-1)?.gpus ?? 1;
}

function tensorDegreesOf(workload: Workload, candidate: Candidate, atMost: number): readonly number[] {
  const { planning, model } = workload;
  const wanted = allowedDegrees(planning, 'Tensor', planning.tensorDegree);
  const { splitsHeads } = engineLimits(planning.engine);
  return divisors(gpusPerStage(workload, candidate)).filter(
    (degree) =>
      wanted(degree) &&
      (degree <= atMost || degree === planning.tensorDegree) &&
      model.layers.some(({ tensorDegrees }) => tensorDegrees.includes(degree)) &&
      keyValueHeadsOf(model.layers).every((heads) => splitsHeads(heads, degree)),
  );
}

function keyValueHeadsOf(layers: readonly Layer[]): readonly number[] {
  return layers.flatMap(({ operators }) =>
    operators.flatMap((operator) => (operator.kind === 'attention' ? [operator.keyValueHeads] : [])),
  );
}

function dataDegreesOf(
  workload: Workload,
  candidate: Candidate,
  tensor: number,
): readonly Pick<Strategy, 'replicas' | 'shards'>[] {
  const { planning, training } = workload;
  const ranks = gpusPerStage(workload, candidate) / tensor;
  if ((training.globalBatchSize / candidate.microBatches) % ranks !== 0) {
    return [];
  }
  const replicated = allowedDegrees(planning, 'Data', planning.dataDegree);
  const sharded = allowedDegrees(planning, 'FullySharded', planning.shardDegree);
  return divisors(ranks)
    .map((shards) => ({ replicas: ranks / shards, shards }))
    .filter(({ replicas, shards }) => replicated(replicas) && sharded(shards));
}

function allowedDegrees(
  { parallelisms }: Workload['planning'],
  parallelism: Workload['planning']['parallelisms'][number],
  fixed: number | undefined,
): (degree: number) => boolean {
  return (degree) => (fixed === undefined ? degree === 1 || parallelisms.includes(parallelism) : degree === fixed);
}
