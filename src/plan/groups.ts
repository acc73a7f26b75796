/** The process groups that a rank is in, each as an arithmetic progression of global ranks. */
import { coordinatesOf, gpusPerStage, stageOf, type Degrees, type RankSpace } from './ranks.ts';

/** Global ranks `start`, `start + stride`, … : `size` of them. A rank's index in the group is its index in this order. */
export interface Group {
  readonly start: number;
  readonly stride: number;
  readonly size: number;
}

/** The members of a group, ascending. */
export function membersOf({ start, stride, size }: Group): number[] {
  return Array.from({ length: size }, (_, index) => start + index * stride);
}

/** Ranks that split each layer's operators with this one (tensor parallelism). */
export function tensorGroup(plan: RankSpace, degrees: Degrees, rank: number): Group {
  const { tensor } = coordinatesOf(plan, degrees, rank);
  return { start: rank - tensor, stride: 1, size: degrees.tensor };
}

/** Ranks that share parameters, gradients and optimizer states with this one (fully sharded data parallelism). */
export function shardGroup(plan: RankSpace, degrees: Degrees, rank: number): Group {
  const { shard } = coordinatesOf(plan, degrees, rank);
  return { start: rank - shard * degrees.tensor, stride: degrees.tensor, size: degrees.shards };
}

/** Ranks that hold copies of this one's part of the parameters (data-parallel replicas). */
export function replicaGroup(plan: RankSpace, degrees: Degrees, rank: number): Group {
  const { replica } = coordinatesOf(plan, degrees, rank);
  const stride = degrees.tensor * degrees.shards;
  return { start: rank - replica * stride, stride, size: degrees.replicas };
}

/** Ranks that see other samples than this one: shards and replicas together. A rank's index is its part of the batch. */
export function dataGroup(plan: RankSpace, degrees: Degrees, rank: number): Group {
  const { shard, replica } = coordinatesOf(plan, degrees, rank);
  const index = replica * degrees.shards + shard;
  return { start: rank - index * degrees.tensor, stride: degrees.tensor, size: degrees.shards * degrees.replicas };
}

/** One rank of each stage, by pipeline rank: neighbours in the list exchange activations and their gradients. */
export function pipelineGroup(plan: RankSpace, rank: number): Group {
  const stride = gpusPerStage(plan);
  return { start: rank - stageOf(plan, rank) * stride, stride, size: plan.stages.length };
}
