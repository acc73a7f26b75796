/** The layers of a model as the cost model tells them apart. */
import { tiedParameters } from '../model/counts/parameters.ts';
import type { Layer } from '../model/layer.ts';

/** A layer in its model. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Its weight is tied to another layer's, or another's to its. */
  readonly tied: boolean;
}

/** One entry a layer; layers that cost the same are the same object. */
export function placedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  const owners = new Set(layers.flatMap(tiedTo));
  const known = new Map<Layer['operators'], PlacedLayer[]>();
  return layers.map((layer) => {
    const placed = { layer, tied: owners.has(layer.name) || tiedParameters(layer) > 0 };
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
