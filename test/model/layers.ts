import { invariant } from '../../src/api/errors.ts';
import type { Layer, Model } from '../../src/model/layer.ts';

/** The first layer of a kind. */
export function firstOfKind(model: Model, kind: string): Layer {
  const layer = model.layers.find((candidate) => candidate.kind === kind);
  invariant(layer, `the model has a layer of kind ${kind}`);
  return layer;
}
