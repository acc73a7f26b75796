/** Which ranks of a plan talk to one another, and over what. */
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { Hardware, HardwareTier } from '../cost/hardware.ts';
import { ringCrossings } from '../cost/routes.ts';
import { pipelineGroup, replicaGroup, shardGroup, tensorGroup, type Group } from './groups.ts';

/** Groups of one kind. */
export interface GroupLinks {
  readonly kind: 'tensor' | 'shards' | 'replicas' | 'pipeline';
  /** That of rank 0; the others are like it, further on. */
  readonly group: Group;
  readonly count: number;
  /** The widest level that a group talks over. */
  readonly tier: HardwareTier;
}

/** The groups of several ranks that a run of layers has, those of near ranks first. */
export function groupLinks(plan: ParallelPlanSpec, run: LayerRun, hardware: Hardware): readonly GroupLinks[] {
  const groups = [
    { kind: 'tensor', group: tensorGroup(plan, run, 0) },
    { kind: 'shards', group: shardGroup(plan, run, 0) },
    { kind: 'replicas', group: replicaGroup(plan, run, 0) },
    { kind: 'pipeline', group: pipelineGroup(plan, 0) },
  ] as const;
  return groups.flatMap(({ kind, group }) => {
    const widest = kind === 'pipeline' ? hardware.tiers.at(-1) : ringCrossings(hardware, group).at(-1)?.tier;
    return group.size === 1 || widest === undefined
      ? []
      : [{ kind, group, count: plan.gpus / group.size, tier: widest }];
  });
}

/** The run whose strategy most layers have. */
export function mainRun({ stages }: Pick<ParallelPlanSpec, 'stages'>): LayerRun | undefined {
  const runs = stages.flatMap(({ layers }) => layers);
  const layersOf = (run: LayerRun): number => run.last - run.first + 1;
  return runs.reduce<LayerRun | undefined>(
    (most, run) => (most === undefined || layersOf(run) > layersOf(most) ? run : most),
    undefined,
  );
}
