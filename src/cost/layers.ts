/** The layers of a model as the cost model tells them apart. */
import type { Layer } from '../model/layer.ts';
import type { LayerGroup } from './workload.ts';

/** A layer in its model. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** The layer whose weight is tied: itself, or one that is tied to it; null where none is. */
  readonly tied: Layer | null;
  /** Of a kind that the model repeats: a block. */
  readonly repeated: boolean;
}

/** One entry a layer; layers that cost the same are the same object. */
export function placedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  const users = new Map(layers.flatMap((user) => tiedTo(user).map((owner) => [owner, user] as const)));
  const kinds = Map.groupBy(layers, ({ kind }) => kind);
  const known = new Map<Layer['operators'], PlacedLayer[]>();
  return layers.map((layer) => {
    const tied = tiedTo(layer).length > 0 ? layer : (users.get(layer.name) ?? null);
    const placed = { layer, tied, repeated: (kinds.get(layer.kind)?.length ?? 0) > 1 };
    const alike = known.get(layer.operators) ?? [];
    const same = alike.find((other) => other.tied === placed.tied && other.layer.inputElements === layer.inputElements);
    known.set(layer.operators, same === undefined ? [...alike, placed] : alike);
    return same ?? placed;
  });
}

/** Whether a layer uses a weight that another one uses too. */
export function isTied({ tied }: PlacedLayer): boolean {
  return tied !== null;
}

/** The groups that a layer may have to agree with. */
export function groupsOf(placed: PlacedLayer): readonly LayerGroup[] {
  return ['all', ...(isTied(placed) ? (['tied'] as const) : []), placed.repeated ? 'blocks' : 'ends'];
}

/** The layers that use each weight that several use, by their place in the model: the owner first. */
export function tiedLayers(layers: readonly Layer[]): readonly (readonly number[])[] {
  const users = layers.flatMap((layer, index) => tiedTo(layer).map((owner) => ({ owner, index })));
  return [...Map.groupBy(users, ({ owner }) => owner)].map(([owner, ofOwner]) => [
    layers.findIndex(({ name }) => name === owner),
    ...ofOwner.map(({ index }) => index),
  ]);
}

/** Names of the layers whose weights a layer uses. */
function tiedTo({ operators }: Layer): readonly string[] {
  return operators.flatMap((operator) => ('tiedTo' in operator ? [operator.tiedTo] : []));
}
