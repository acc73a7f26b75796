/** A model as a list of layers given by their sizes, for families that are not known here. */
import type Type from 'typebox';
import type { ModelSource } from '../api/model-source.ts';
import { assemble, repeated, single, type Run } from './chain.ts';
import type { Model } from './layer.ts';

export type CustomLayer = NonNullable<Type.Static<typeof ModelSource>['layers']>[number];

export function customModel(layers: readonly CustomLayer[]): Model {
  return assemble({ name: 'custom layers', family: 'custom', tokensPerSample: null }, layers.map(customRun));
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
