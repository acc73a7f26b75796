import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { UserError } from '../api/errors.ts';
import { at, range } from './at.ts';
import type { LayerCosts, Matrix, Problem } from './problem.ts';

const Costs = Type.Array(Type.Number({ minimum: 0 }), { minItems: 1 });
const closed = { additionalProperties: false } as const;
const Layer = Type.Object({ name: Type.String(), time: Costs, memory: Costs, buffers: Type.Optional(Costs) }, closed);

const InstanceFile = Type.Array(
  Type.Object(
    {
      name: Type.String({ minLength: 1 }),
      optimum: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      instance: Type.Object(
        {
          pipelineDegree: Type.Integer({ minimum: 1 }),
          microBatches: Type.Integer({ minimum: 1 }),
          memoryLimit: Type.Number({ minimum: 0 }),
          layers: Type.Array(Layer, { minItems: 1 }),
          reshard: Type.Array(Costs),
          transfer: Type.Array(Costs),
        },
        closed,
      ),
    },
    closed,
  ),
);

/**
 * A problem in the plain form in which planning instances are exchanged: one table for all stages, one R and one R' for
 * all edges, nothing per iteration, and no buffers unless given. `optimum`, where given, is for the reader; it is not used.
 */
export type NamedInstance = Static<typeof InstanceFile>[number];

/**
 * Reads a parsed file of instances.
 *
 * @throws {UserError} naming the entry, the field and what is wrong with it
 */
export function readInstances(document: unknown): NamedInstance[] {
  if (!Value.Check(InstanceFile, document)) {
    throw malformed(document);
  }
  document.forEach(requireOneShape);
  return document;
}

/** The problem that an instance stands for. */
export function problemOf({ instance }: NamedInstance): Problem {
  const { pipelineDegree: stages, microBatches, memoryLimit, reshard, transfer } = instance;
  const inEveryStage = (row: readonly number[]): Matrix => range(0, stages).map(() => row);
  const layers = instance.layers.map(({ name, time, memory, buffers }): LayerCosts => {
    const none = time.map(() => 0);
    return {
      name,
      time: inEveryStage(time),
      memory: inEveryStage(memory),
      buffers: inEveryStage(buffers ?? none),
      perIteration: inEveryStage(none),
    };
  });
  const onEveryEdge = (matrix: Matrix): Matrix[] => layers.slice(1).map(() => matrix);
  return {
    stages,
    microBatches,
    boundaryWeight: 1,
    memoryLimit: range(0, stages).map(() => memoryLimit),
    layers,
    reshard: onEveryEdge(reshard),
    transfer: onEveryEdge(transfer),
  };
}

function malformed(document: unknown): UserError {
  const [error] = Value.Errors(InstanceFile, document).filter(({ keyword }) => keyword !== 'boolean');
  const path = (error?.instancePath ?? '').split('/').slice(1);
  const extra = error?.keyword === 'additionalProperties' ? error.params.additionalProperties : undefined;
  const message = error?.message ?? 'is not an array of instances';
  const problem = extra === undefined ? message : `unknown field ${extra.join(', ')}`;
  return new UserError({ problem, field: fieldName(document, path) });
}

/** `entry 3 ("bert"): instance.layers[2].time[0]`. */
function fieldName(document: unknown, [entry, ...path]: readonly string[]): string {
  if (entry === undefined) {
    return 'the file';
  }
  const item: unknown = Array.isArray(document) ? document[Number(entry)] : undefined;
  const name = typeof item === 'object' && item !== null && 'name' in item ? ` (${JSON.stringify(item.name)})` : '';
  const field = path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');
  return `entry ${entry}${name}${field === '' ? '' : `: ${field.slice(1)}`}`;
}

/** Every list of costs has one entry a strategy, and R and R' one row a strategy. */
function requireOneShape({ name, instance: { layers, reshard, transfer } }: NamedInstance, entry: number): void {
  const strategies = at(layers, 0).time.length;
  const require = (list: readonly unknown[], field: string): void => {
    if (list.length !== strategies) {
      throw new UserError({
        problem: `has ${list.length} entries`,
        remedy: `give ${strategies}, one a strategy, as instance.layers[0].time has`,
        field: `entry ${entry} (${JSON.stringify(name)}): instance.${field}`,
      });
    }
  };
  layers.forEach(({ time, memory, buffers = time }, layer) => {
    require(time, `layers[${layer}].time`);
    require(memory, `layers[${layer}].memory`);
    require(buffers, `layers[${layer}].buffers`);
  });
  for (const [field, matrix] of Object.entries({ reshard, transfer })) {
    require(matrix, field);
    matrix.forEach((row, index) => {
      require(row, `${field}[${index}]`);
    });
  }
}
