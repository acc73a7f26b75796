/**
 * The value of the annotation `uniap.dev/groups`, which pods also find in the file groups.json: for every run of layers
 * that a pod computes, the process groups of each of its ranks. docs/annotations.md describes it for engines.
 *
 * A group is an arithmetic progression, so that the value stays small whatever the size of the job: all annotations of an
 * object together must not exceed 256 KiB (k8s.io/apimachinery, api/validation: TotalAnnotationSizeLimitB).
 */
import { invariant } from '../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';
import { dataGroup, pipelineGroup, replicaGroup, shardGroup, tensorGroup, type Group } from './groups.ts';
import { stageOf } from './ranks.ts';

/** Raised when a reader of the version before would misread the value. */
const VERSION = 1;

interface ShardSettings {
  readonly zeroStage: LayerRun['zeroStage'];
  readonly reshardAfterForward: boolean;
  readonly reduceScatter: 'EveryMicroBatch' | 'EveryStep';
}

/**
 * What the cost model takes time and memory for (src/cost/sharding.ts): under ZeRO-3 parameters are gathered for each pass and
 * freed after it; from ZeRO-2 on no rank ever keeps whole gradients.
 */
function shardSettings({ zeroStage }: LayerRun): ShardSettings {
  return {
    zeroStage,
    reshardAfterForward: zeroStage === 3,
    reduceScatter: zeroStage === 1 ? 'EveryStep' : 'EveryMicroBatch',
  };
}

/** Groups of several ranks: rank `ranks[i]` is in the group of `starts[i]`, `starts[i] + stride`, … : `size` ranks. */
export interface GroupsOfRanks {
  readonly size: number;
  readonly stride: number;
  readonly starts: readonly number[];
}

interface RunGroups {
  /** First and last layer. */
  readonly layers: readonly [number, number];
  /** The chunk of the stage that they are in. */
  readonly virtualStage: number;
  readonly tensor: GroupsOfRanks;
  readonly sequenceParallel: boolean;
  readonly data: GroupsOfRanks;
  readonly fsdp: GroupsOfRanks & ShardSettings;
  readonly replicas: GroupsOfRanks;
  readonly recomputation: LayerRun['recomputation'];
}

export interface GroupsAnnotation {
  readonly version: number;
  readonly stages: readonly {
    readonly stage: number;
    /** Global ranks of this pod that serve the stage. */
    readonly ranks: readonly number[];
    readonly pipeline: GroupsOfRanks;
    readonly runs: readonly RunGroups[];
  }[];
}

/** Groups of `ranks`, the global ranks of one pod in ascending order. */
export function groupsAnnotation(plan: ParallelPlanSpec, ranks: readonly number[]): GroupsAnnotation {
  const byStage = [...Map.groupBy(ranks, (rank) => stageOf(plan, rank))];
  return {
    version: VERSION,
    stages: byStage.map(([stage, members]) => ({
      stage,
      ranks: members,
      pipeline: together(members.map((rank) => pipelineGroup(plan, rank))),
      runs: (plan.stages[stage]?.layers ?? []).map((run) => runGroups(plan, run, members)),
    })),
  };
}

function runGroups(plan: ParallelPlanSpec, run: LayerRun, ranks: readonly number[]): RunGroups {
  return {
    layers: [run.first, run.last],
    virtualStage: run.virtualStage,
    tensor: together(ranks.map((rank) => tensorGroup(plan, run, rank))),
    sequenceParallel: run.sequenceParallel,
    data: together(ranks.map((rank) => dataGroup(plan, run, rank))),
    fsdp: { ...together(ranks.map((rank) => shardGroup(plan, run, rank))), ...shardSettings(run) },
    replicas: together(ranks.map((rank) => replicaGroup(plan, run, rank))),
    recomputation: run.recomputation,
  };
}

/** Writes down once what the groups of a pod's ranks have in common. */
function together(groups: readonly Group[]): GroupsOfRanks {
  const [first] = groups;
  invariant(first, 'a pod without ranks');
  return { size: first.size, stride: first.stride, starts: groups.map(({ start }) => start) };
}
