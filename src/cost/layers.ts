/** The layers of a model as the cost model tells them apart. */
import type { Layer } from '../model/layer.ts';

/** A layer in its model. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** The layer whose weight is tied: itself, or one that is tied to it; null where none is. */
  readonly tied: Layer | null;
}

/** One entry a layer; layers that cost the same are the same object. */
export function placedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  const users = new Map(layers.flatMap((user) => tiedTo(user).map((owner) => [owner, user] as const)));
  const known = new Map<Layer['operators'], PlacedLayer[]>();
  return layers.map((layer) => {
    const placed = { layer, tied: tiedTo(layer).length > 0 ? layer : (users.get(layer.name) ?? null) };
    const alike = known.get(layer.operators) ?? [];
    const same = alike.find((other) => other.tied === placed.tied && other.layer.inputElements === layer.inputElements);
    known.set(layer.operators, same === undefined ? [...alike, placed] : alike);
    return same ?? placed;
  });
}

/** Names of the layers whose weights a layer uses. */
function tiedTo({ operators }: Layer): readonly string[] {
  return operators.flatMap((operator) => ('tiedTo' in operator ? [operator.tiedTo] : []));
}
