/**
 * Which GPU does what, by arithmetic alone. A plan of pp stages on n GPUs gives each stage S = n / pp of them. Global rank
 * = stage · S + local index; global ranks count through the nodes in their order. Inside a stage, for layers with tensor
 * degree t, f shards and d replicas (t · f · d = S), the tensor index varies fastest, then the shard, then the replica:
 *
 *     local index = (replica · f + shard) · t + tensor
 *
 * so that tensor groups are neighbours inside a node, sharding groups come next, and stages lie furthest apart.
 */
import { invariant } from '../api/errors.ts';
import type { LayerRun, ParallelPlanSpec, PlannedNode } from '../api/parallel-plan.ts';

/** How many ways the layers of a run are split. Their product is the number of GPUs of a stage. */
export type Degrees = Pick<LayerRun, 'tensor' | 'shards' | 'replicas'>;

/** What of a plan the ranks depend on. */
export type RankSpace = Pick<ParallelPlanSpec, 'gpus'> & { readonly stages: { readonly length: number } };

/** Where a rank stands among the ranks of its stage, for layers of one strategy. */
export interface Coordinates {
  readonly tensor: number;
  readonly shard: number;
  readonly replica: number;
}

/** S, the number of GPUs of each stage. */
export function gpusPerStage(plan: RankSpace): number {
  return plan.gpus / plan.stages.length;
}

/** The pipeline rank that serves a global rank. */
export function stageOf(plan: RankSpace, rank: number): number {
  invariant(rank >= 0 && rank < plan.gpus, `rank ${rank} lies outside a plan of ${plan.gpus} GPUs`);
  return Math.floor(rank / gpusPerStage(plan));
}

/** Indices of a global rank among the ranks of its stage, for layers split by `degrees`. */
export function coordinatesOf(plan: RankSpace, degrees: Degrees, rank: number): Coordinates {
  const local = rank - stageOf(plan, rank) * gpusPerStage(plan);
  const data = Math.floor(local / degrees.tensor);
  return {
    tensor: local % degrees.tensor,
    shard: data % degrees.shards,
    replica: Math.floor(data / degrees.shards),
  };
}

/** The global ranks of each node, in the order of local rank. */
export function ranksByNode(nodes: readonly PlannedNode[]): readonly (readonly number[])[] {
  let first = 0;
  return nodes.map(({ gpus }) => {
    const ranks = Array.from({ length: gpus }, (_, index) => first + index);
    first += gpus;
    return ranks;
  });
}
