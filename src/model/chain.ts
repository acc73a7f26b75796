/** From the layers of a family, one after another, to a {@link Model}. */
import { invariant } from '../api/errors.ts';
import { parameters } from './counts/parameters.ts';
import type { Layer, Model, Operator } from './layer.ts';
import { tensorDegrees } from './tensor-degrees.ts';

/** Layers of one kind that follow one another. */
export interface Run {
  readonly kind: string;
  /** Names of the layers: `kind` itself, or `kind.0`, `kind.1`, … */
  readonly names: readonly string[];
  readonly operators: readonly Operator[];
  readonly tensorDegrees: readonly number[];
  readonly outputElements: number;
  readonly relayedElements: number;
}

type RunShape = Pick<Run, 'operators' | 'outputElements'> & Partial<Pick<Run, 'tensorDegrees' | 'relayedElements'>>;

/** One layer. Degrees default to those that its operators can be split by. */
export function single(kind: string, shape: RunShape): Run {
  return run(kind, [kind], shape);
}

/** `count` equal layers. */
export function repeated(kind: string, count: number, shape: RunShape): Run {
  const names = Array.from({ length: count }, (_, index) => `${kind}.${index}`);
  return run(kind, names, shape);
}

function run(kind: string, names: readonly string[], shape: RunShape): Run {
  return { kind, names, tensorDegrees: tensorDegrees(shape.operators), relayedElements: 0, ...shape };
}

/** Layers of all runs, each told what it takes from the one before. */
function chain(runs: readonly Run[]): readonly Layer[] {
  let inputElements = 0;
  return runs.flatMap(({ names, ...layer }) =>
    names.map((name) => {
      const linked = { name, ...layer, inputElements };
      inputElements = layer.outputElements;
      return linked;
    }),
  );
}

export function assemble(model: Pick<Model, 'name' | 'family' | 'tokensPerSample'>, runs: readonly Run[]): Model {
  const layers = chain(runs);
  invariant(layers.length > 0, 'a model has at least one layer');
  return { ...model, layers, parameters: layers.reduce((sum, layer) => sum + parameters(layer), 0) };
}
