/** The layers of a model as the cost model tells them apart. */
import { tiedParameters } from '../model/counts/parameters.ts';
import type { Layer } from '../model/layer.ts';
import type { PlacedLayer } from './layer-cost.ts';

/** One entry a layer; layers that cost the same are the same object. */
export function placedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  const owners = new Set(layers.flatMap(tiedTo));
  const distinct: PlacedLayer[] = [];
  return layers.map((layer) => {
    const placed = { layer, tied: owners.has(layer.name) || tiedParameters(layer) > 0 };
    const known = distinct.find((other) => costsTheSame(other, placed));
    distinct.push(...(known === undefined ? [placed] : []));
    return known ?? placed;
  });
}

/** Names of the layers whose weights a layer uses. */
function tiedTo({ operators }: Layer): readonly string[] {
  return operators.flatMap((operator) =>
    'tiedTo' in operator && operator.tiedTo !== undefined ? [operator.tiedTo] : [],
  );
}

function costsTheSame(a: PlacedLayer, b: PlacedLayer): boolean {
  return (
    a.layer.operators === b.layer.operators && a.layer.inputElements === b.layer.inputElements && a.tied === b.tied
  );
}
