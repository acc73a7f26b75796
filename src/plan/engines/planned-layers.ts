/** A plan layer by layer, as engines look at it: blocks, which repeat, and the ends around them. */
import { invariant } from '../../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { Model } from '../../model/layer.ts';

export interface PlannedLayer {
  /** Place in the model. */
  readonly index: number;
  /** Name in the model: `block.3`. */
  readonly name: string;
  /** One of the layers that the model repeats; else an end: embedding, head, and what stands between two kinds of block. */
  readonly isBlock: boolean;
  readonly stage: number;
  /** Place of the layer's chunk in the model: chunk c of stage s is virtualStage · stages + s. Without interleaving the stage. */
  readonly chunk: number;
  readonly run: LayerRun;
  /** Where the plan says so: `spec.stages[0].layers[1]`. */
  readonly field: string;
}

/** Kinds of layer that the families repeat: `block`, and Swin's `resolution-1` and so on. */
const BLOCK = /^block$|^resolution-\d+$/;

/** The layers of a plan in the model's order. */
export function plannedLayers({ stages }: ParallelPlanSpec, { layers }: Model): readonly PlannedLayer[] {
  const planned = stages.flatMap((stage, stageIndex) =>
    stage.layers.flatMap((run, runIndex) =>
      layers.slice(run.first, run.last + 1).map(({ name, kind }, offset) => ({
        index: run.first + offset,
        name,
        isBlock: BLOCK.test(kind),
        stage: stageIndex,
        chunk: run.virtualStage * stages.length + stageIndex,
        run,
        field: `spec.stages[${stageIndex}].layers[${runIndex}]`,
      })),
    ),
  );
  invariant(planned.length === layers.length, 'a valid plan has each layer of the model once');
  return planned.toSorted((one, other) => one.index - other.index);
}

/** The layers of each chunk, by the chunk's place in the model. */
export function chunksOf(layers: readonly PlannedLayer[]): readonly (readonly PlannedLayer[])[] {
  return [...Map.groupBy(layers, ({ chunk }) => chunk)].toSorted(([one], [other]) => one - other).map(([, of]) => of);
}

/** Whether the head's weight is the embedding's. */
export function tiesHead({ layers }: Pick<Model, 'layers'>): boolean {
  return layers
    .flatMap(({ operators }) => operators)
    .some((operator) => operator.kind === 'matrix-product' && operator.tiedTo !== undefined);
}
