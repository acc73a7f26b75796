/**
 * CustomResourceDefinitions from the schemas. What the API server takes is a structural subset of OpenAPI v3: it refuses
 * `additionalProperties: false` beside `properties` (it prunes or refuses unknown fields by itself), and a property
 * with a default must not be required of the user.
 */
import type { ResourceDefinition } from './definitions.ts';
import { invariant } from './errors.ts';
import { GROUP, VERSION } from './group.ts';
import type { SchemaObject } from './schema.ts';

/** Keywords that mean the same in a structural schema. Anything else would be silently lost, so it is refused. */
const KEPT = [
  'description',
  'type',
  'format',
  'enum',
  'pattern',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
] as const;

const TRANSLATED = ['properties', 'items', 'additionalProperties', 'required'];

/** @throws InternalError on a keyword that has no translation. */
export function structuralSchema(schema: SchemaObject): SchemaObject {
  for (const keyword of Object.keys(schema)) {
    invariant([...KEPT, ...TRANSLATED].includes(keyword), `no structural translation of the keyword ${keyword}`);
  }
  // What may be a number or a string has no type.
  const lost = schema['x-kubernetes-int-or-string'] === true ? 'type' : undefined;
  const kept = KEPT.filter((keyword) => keyword in schema && keyword !== lost);
  const required = (schema.required ?? []).filter((name) => schema.properties?.[name]?.default === undefined);
  return {
    ...Object.fromEntries(kept.map((keyword) => [keyword, schema[keyword]])),
    ...(required.length > 0 && { required }),
    ...(typeof schema.additionalProperties === 'object' && {
      additionalProperties: structuralSchema(schema.additionalProperties),
    }),
    ...(schema.items && { items: structuralSchema(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [name, structuralSchema(property)]),
      ),
    }),
  };
}

/** What the API server says of these three itself. */
function ofTheServer(schema: SchemaObject): SchemaObject {
  return {
    ...schema,
    required: ['spec'],
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
  };
}

export function customResourceDefinition(definition: ResourceDefinition) {
  const { kind, singular, plural, scope, shortNames, categories, columns, schema } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        singular,
        plural,
        shortNames: [...shortNames],
        categories: [...categories],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          ...('status' in schema.properties && { subresources: { status: {} } }),
          additionalPrinterColumns: [...columns],
          schema: { openAPIV3Schema: ofTheServer(structuralSchema(schema)) },
        },
      ],
    },
  };
}
