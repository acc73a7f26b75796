/** What the API server does before it validates: nulls and whole-number quantities. */
import { isObject } from './field-path.ts';
import { schemaOfField, type SchemaObject } from './schema.ts';

/**
 * A copy of the document as JSON holds it (a Date becomes its text), in which fields that are null are absent, except in
 * objects of any shape, and quantities written as whole numbers are strings.
 */
export function normalize(schema: SchemaObject, document: unknown): unknown {
  // In a list, since JSON has no text for undefined by itself.
  const [copy] = JSON.parse(JSON.stringify([document])) as unknown[];
  return normalized(schema, copy);
}

function normalized(schema: SchemaObject | undefined, value: unknown): unknown {
  if (schema === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  if (schema['x-kubernetes-int-or-string'] === true) return Number.isInteger(value) ? String(value) : value;
  if (Array.isArray(value)) return value.map((item) => normalized(schema.items, item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, normalized(schemaOfField(schema, name), field)]),
  );
}
