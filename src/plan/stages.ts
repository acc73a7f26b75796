/** From a layer's stage and strategy to stages made of runs of layers, and back. */
import type { LayerRun, PlannedStage } from '../api/parallel-plan.ts';
import type { Layer } from '../model/layer.ts';

/** How the layers of a run are split: a run without its place. */
export type RunStrategy = Omit<LayerRun, 'first' | 'last' | 'name'>;

/** One entry a layer of the model. */
export interface Seat {
  readonly stage: number;
  readonly strategy: RunStrategy;
}

/** The runs of each stage. Neighbours are of one run where they share a stage and a strategy. */
export function stagesOf(layers: readonly Pick<Layer, 'kind'>[], seats: readonly Seat[]): PlannedStage[] {
  const stages: LayerRun[][] = [];
  seats.forEach(({ stage, strategy }, index) => {
    const runs = (stages[stage] ??= []);
    const run = runs.at(-1);
    if (run !== undefined && sameStrategy(run, strategy)) run.last = index;
    else runs.push({ first: index, last: index, ...strategy });
  });
  return stages.map((runs) => ({ layers: runs.map((run) => ({ ...run, name: kindsOf(layers, run) })) }));
}

/** The stage and strategy of each layer of a plan whose layers are covered in order. */
export function seatsOf(stages: readonly PlannedStage[]): Seat[] {
  return stages.flatMap(({ layers }, stage) =>
    layers.flatMap((run) => Array.from({ length: run.last - run.first + 1 }, () => ({ stage, strategy: run }))),
  );
}

export function sameStrategy(one: RunStrategy, other: RunStrategy): boolean {
  return (
    one.tensor === other.tensor &&
    one.shards === other.shards &&
    one.replicas === other.replicas &&
    one.sequenceParallel === other.sequenceParallel &&
    one.recomputation === other.recomputation
  );
}

/** What the layers of a run are, for people: `embedding, block`. */
function kindsOf(layers: readonly Pick<Layer, 'kind'>[], { first, last }: LayerRun): string {
  return [...new Set(layers.slice(first, last + 1).map(({ kind }) => kind))].join(', ');
}
