/** From a layer's stage and strategy to stages made of runs of layers, and back. */
import type { LayerRun, PlannedStage } from '../api/parallel-plan.ts';
import type { Layer } from '../model/layer.ts';

/** How the layers of a run are split: a run without its place. */
export type RunStrategy = Omit<LayerRun, 'first' | 'last' | 'name' | 'virtualStage'>;

/** One entry a layer of the model. */
export interface Seat {
  readonly stage: number;
  /** The chunk of the stage that the layer is in. */
  readonly virtualStage: number;
  readonly strategy: RunStrategy;
}

/** The runs of each stage, chunk by chunk. Neighbours are of one run where they share a chunk and a strategy. */
export function stagesOf(layers: readonly Pick<Layer, 'kind'>[], seats: readonly Seat[]): PlannedStage[] {
  const stages: LayerRun[][] = [];
  seats.forEach(({ stage, virtualStage, strategy }, index) => {
    const runs = (stages[stage] ??= []);
    const run = runs.at(-1);
    if (run?.virtualStage === virtualStage && sameStrategy(run, strategy)) run.last = index;
    else runs.push({ first: index, last: index, ...strategy, virtualStage });
  });
  return stages.map((runs) => ({ layers: runs.map((run) => ({ ...run, name: kindsOf(layers, run) })) }));
}

/** The stage and strategy of each layer of a plan whose layers are covered in order. */
export function seatsOf(stages: readonly PlannedStage[]): Seat[] {
  const runs = stages.flatMap(({ layers }, stage) => layers.map((run) => ({ stage, run })));
  return runs
    .toSorted((one, other) => one.run.first - other.run.first)
    .flatMap(({ stage, run }) =>
      Array.from({ length: run.last - run.first + 1 }, () => ({
        stage,
        virtualStage: run.virtualStage,
        strategy: run,
      })),
    );
}

export function sameStrategy(one: RunStrategy, other: RunStrategy): boolean {
  return (
    one.tensor === other.tensor &&
    one.shards === other.shards &&
    one.replicas === other.replicas &&
    one.sequenceParallel === other.sequenceParallel &&
    one.zeroStage === other.zeroStage &&
    one.recomputation === other.recomputation
  );
}

/** What the layers of a run are, for people: `embedding, block`. */
function kindsOf(layers: readonly Pick<Layer, 'kind'>[], { first, last }: LayerRun): string {
  return [...new Set(layers.slice(first, last + 1).map(({ kind }) => kind))].join(', ');
}
