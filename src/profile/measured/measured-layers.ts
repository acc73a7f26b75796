/** A ModelProfile in numbers. */
import type { Figure } from './figure.ts';
import type { LayerProfile, ModelProfile } from '../../api/model-profile.ts';

export type Recomputation = 'None' | 'Selective' | 'Full';

/** Seconds and bytes of layers that were measured together, one of each kind. */
export interface MeasuredLayers {
  readonly names: readonly string[];
  /** Whether seconds include the exchanges of the tensor-parallel group. */
  readonly withExchange: boolean;
  readonly forward: Readonly<Record<Recomputation, readonly Figure[]>>;
  readonly backward: Readonly<Record<Recomputation, readonly Figure[]>>;
  readonly activations: Readonly<Record<Recomputation, readonly Figure[]>>;
}

export function measuredLayers({ layers }: Pick<ModelProfile['spec'], 'layers'>): readonly MeasuredLayers[] {
  return layers.map((profile) => ({
    names: profile.names,
    withExchange: profile.exchange === 'Included',
    forward: byRecomputation(profile.times, ({ forwardSeconds }) => Number(forwardSeconds)),
    backward: byRecomputation(profile.times, ({ backwardSeconds }) =>
      backwardSeconds === undefined ? undefined : Number(backwardSeconds),
    ),
    activations: byRecomputation(profile.activations, ({ bytes }) => bytes),
  }));
}

type Entry = Pick<LayerProfile['times'][number], 'tensor' | 'sequenceParallel' | 'recomputation' | 'samples'>;

function byRecomputation<T extends Entry>(
  entries: readonly T[],
  value: (entry: T) => number | undefined,
): Readonly<Record<Recomputation, readonly Figure[]>> {
  const figures = (kept: Recomputation): readonly Figure[] =>
    entries.flatMap((entry) => {
      const number = value(entry);
      return entry.recomputation !== kept || number === undefined ? [] : [{ ...shapeOf(entry), value: number }];
    });
  return { None: figures('None'), Selective: figures('Selective'), Full: figures('Full') };
}

function shapeOf({ tensor, sequenceParallel, samples }: Entry): Omit<Figure, 'value'> {
  return { tensor, sequenceParallel, samples };
}
