/** A model as a list of layers given by their sizes, for families that are not known here. */
import type Type from 'typebox';
import { UserError } from '../api/errors.ts';
import type { ModelSource } from '../api/model-source.ts';
import { assemble, repeated, single, type Run } from './chain.ts';
import type { Model } from './layer.ts';

export type CustomLayer = NonNullable<Type.Static<typeof ModelSource>['layers']>[number];

/** @throws UserError where two layers have one name. */
export function customModel(layers: readonly CustomLayer[]): Model {
  const runs = layers.map(customRun);
  requireUniqueNames(runs.flatMap(({ names }) => names));
  return assemble({ name: 'custom layers', family: 'custom', tokensPerSample: null }, runs);
}

/** Layers that `count` repeats are numbered, so that their names may meet one that was written. */
function requireUniqueNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new UserError({
        field: 'spec.model.layers',
        problem: `two layers have the name ${name}`,
        remedy: 'give each another name',
      });
    }
    seen.add(name);
  }
}

function customRun(layer: CustomLayer): Run {
  const shape = {
    operators: [
      {
        kind: 'opaque',
        name: layer.name,
        parameters: layer.parameters,
        forwardFlops: layer.forwardFlops,
        savedElements: layer.savedElements,
        tensorElements: layer.tensorElements,
      },
    ],
    tensorDegrees: [...new Set([1, ...layer.tensorDegrees])].toSorted((a, b) => a - b),
    outputElements: layer.outputElements,
  } as const;
  return layer.count === 1 ? single(layer.name, shape) : repeated(layer.name, layer.count, shape);
}
