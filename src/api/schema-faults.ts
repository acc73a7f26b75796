/** What the schema alone finds wrong in a document, in plain words. */
import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import Value, { Pointer } from 'typebox/value';
import type { Fault } from './fault.ts';
import { formatFieldPath, isObject, valueAt, type FieldPath } from './field-path.ts';
import { schemaAt, type SchemaObject } from './schema.ts';
import { didYouMean } from './suggest.ts';

// The library stops after 8 errors by default, some of which repeat others.
Settings.Set({ maxErrors: 1000 });

/** Faults in the order of the schema, the first of each place. */
export function schemaFaults(schema: TSchema, document: unknown): readonly Fault[] {
  const faults = Value.Errors(schema, document).flatMap((error) => explain(error, schema, document));
  const places = new Map(faults.toReversed().map((fault) => [formatFieldPath(fault.path), fault]));
  return faults.filter((fault) => places.get(formatFieldPath(fault.path)) === fault);
}

function explain(error: TLocalizedValidationError, schema: SchemaObject, document: unknown): readonly Fault[] {
  const path = pathOf(error.instancePath, document);
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) => ({ path: [...path, name], problem: 'required, but missing' }));
  }
  if (error.keyword === 'additionalProperties') return unknownFields(error.params.additionalProperties, path, schema);
  if (error.keyword === 'boolean') return []; // said by additionalProperties too
  return [{ path, ...explainValue(error, valueAt(document, path)) }];
}

/** The path that a JSON pointer into the document stands for. */
function pathOf(pointer: string, document: unknown): FieldPath {
  let value = document;
  return Pointer.Indices(pointer).map((step) => {
    const index = Array.isArray(value) ? Number(step) : step;
    value = valueAt(value, [index]);
    return index;
  });
}

/** Where a map is concerned nothing is unknown: its values are explained by themselves. */
function unknownFields(names: readonly string[], path: FieldPath, root: SchemaObject): readonly Fault[] {
  const properties = schemaAt(root, path)?.properties;
  if (properties === undefined) return [];
  return names.map((name) => ({
    path: [...path, name],
    problem: 'unknown field',
    remedy: didYouMean(name, Object.keys(properties)) ?? elsewhere(name, root),
  }));
}

/** A field of this name that stands in another place. */
function elsewhere(name: string, root: SchemaObject): string | undefined {
  const [path] = pathsTo(name, root);
  return path === undefined ? undefined : `did you mean ${formatFieldPath(path)}?`;
}

function* pathsTo(name: string, schema: SchemaObject, path: FieldPath = []): Generator<FieldPath> {
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    if (field === name) yield [...path, field];
    yield* pathsTo(name, property, [...path, field]);
  }
}

type Explanation = Pick<Fault, 'problem' | 'remedy'>;

function explainValue(error: TLocalizedValidationError, value: unknown): Explanation {
  if (error.keyword === 'type') return explainType(String(error.params.type), value);
  if (error.keyword === 'enum') return explainChoice(error.params.allowedValues.map(String), value);
  const explainBound = BOUNDS[error.keyword];
  return explainBound !== undefined && 'limit' in error.params
    ? explainBound(Number(error.params.limit), show(value))
    : { problem: `${show(value)} ${error.message}` };
}

const BOUNDS: Readonly<Record<string, (limit: number, shown: string) => Explanation>> = {
  minimum: (limit, shown) => ({ problem: `${shown} is too small`, remedy: `use at least ${limit}` }),
  maximum: (limit, shown) => ({ problem: `${shown} is too large`, remedy: `use at most ${limit}` }),
  minLength: () => ({ problem: 'must not be empty' }),
  maxLength: (limit) => ({ problem: `is longer than ${limit} characters` }),
  minItems: (limit) => ({ problem: `needs at least ${limit} item` }),
  maxItems: (limit) => ({ problem: `has more than ${limit} items` }),
  maxProperties: (limit) => ({ problem: `has more than ${limit} entries` }),
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
};

function explainType(type: string, value: unknown): Explanation {
  const problem = `must be ${TYPE_NAMES[type] ?? type}, not ${show(value)}`;
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return { problem, remedy: `write "${value}" in quotes` };
  }
  if (type === 'integer' && typeof value === 'string' && /^-?\d+$/.test(value)) {
    return { problem, remedy: `write ${value} without quotes` };
  }
  return { problem };
}

function explainChoice(choices: readonly string[], value: unknown): Explanation {
  const problem = `${show(value)} is not ${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`;
  return { problem, remedy: typeof value === 'string' ? didYouMean(value, choices) : undefined };
}

/** A value in an error, in a few words. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing (null)';
  if (isObject(value)) return 'a map of fields';
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
