/** What the rules of a schema find wrong in a document that is valid by its schema otherwise. */
import { compile, type Expression } from './cel.ts';
import type { Fault } from './fault.ts';
import { isObject, type FieldPath } from './field-path.ts';
import { schemaOfField, type CelRule, type SchemaObject } from './schema.ts';

/** Faults of the whole document, outer ones first. Rules on what changed are for the API server, which knows what was. */
export function ruleFaults(schema: SchemaObject, value: unknown, path: FieldPath = []): readonly Fault[] {
  const rules = (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => !rule.includes('oldSelf'));
  return [
    ...rules.filter(({ rule }) => !holds(rule, value)).map((rule) => faultOf(rule, value, path)),
    ...duplicates(schema, value, path),
    ...partsOf(schema, value).flatMap(([step, partSchema, part]) => ruleFaults(partSchema, part, [...path, step])),
  ];
}

/** The parts of a value that the schema describes. */
function partsOf(schema: SchemaObject, value: unknown): readonly (readonly [string | number, SchemaObject, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, schema.items ?? {}, item] as const);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, field]) => [name, schemaOfField(schema, name) ?? {}, field] as const);
}

function holds(rule: string, self: unknown): boolean {
  return attempt(rule, self) === true;
}

function faultOf({ message, messageExpression, fieldPath }: CelRule, self: unknown, path: FieldPath): Fault {
  const quoted = messageExpression === undefined ? undefined : attempt(messageExpression, self);
  return {
    path: [...path, ...(fieldPath ?? '').split('.').filter((step) => step !== '')],
    problem: typeof quoted === 'string' ? quoted : message,
  };
}

/** What an expression gives, or undefined where it fails, as an overflow does. */
function attempt(expression: string, self: unknown): unknown {
  const evaluate = compileOnce(expression);
  try {
    return evaluate(self);
  } catch {
    return undefined;
  }
}

const compiled = new Map<string, Expression>();

function compileOnce(expression: string): Expression {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const fresh = compile(expression);
  compiled.set(expression, fresh);
  return fresh;
}

/** Lists that are sets, or maps by key. */
function duplicates(schema: SchemaObject, value: unknown, path: FieldPath): readonly Fault[] {
  if (!Array.isArray(value) || (schema['x-kubernetes-list-type'] ?? 'atomic') === 'atomic') return [];
  const keys = value.map((item) => keyOf(item, schema['x-kubernetes-list-map-keys']));
  return keys.flatMap((key, index) =>
    keys.indexOf(key) < index ? [{ path: [...path, index], problem: `${key} is in the list twice` }] : [],
  );
}

function keyOf(item: unknown, names: readonly string[] | undefined): string {
  if (names === undefined || !isObject(item)) return String(item);
  return names.map((name) => String(item[name])).join(', ');
}
