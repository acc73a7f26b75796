/** docs/api.md: every field of the resources, and every reason of a condition, from the schemas. */
import { CONDITIONS, type ConditionMeaning } from './conditions.ts';
import type { ResourceDefinition } from './definitions.ts';
import { API_VERSION } from './group.ts';
import { DECIMAL_PATTERN, DEFAULT_MAX_LENGTH, MEASURE_PATTERN, type CelRule, type SchemaObject } from './schema.ts';

const INTRODUCTION = `<!-- Generated from src/api by \`npm run generate\`. Do not edit. -->

# API reference

Version \`${API_VERSION}\`. The command line and the API server take and refuse the same documents: unknown fields are
refused, and fields that are null count as absent. \`kubectl explain trainingjob.spec\` tells the same at a terminal.

Where the column of defaults is empty a field may be left out. Strings have at most ${DEFAULT_MAX_LENGTH} characters unless their bounds
say otherwise.
`;

/** The text of docs/api.md. */
export function apiReference(definitions: readonly ResourceDefinition[]): string {
  return [INTRODUCTION, ...definitions.map(resourceSection), conditionsSection()].join('\n');
}

function resourceSection({ kind, plural, shortNames, schema }: ResourceDefinition): string {
  const root: SchemaObject = schema;
  const { spec, status } = root.properties ?? {};
  return [
    `## ${kind}\n`,
    `${root.description ?? ''}\n`,
    `\`kubectl get ${plural}\`, or \`${shortNames.join('`, `')}\` for short.\n`,
    ...(spec ? objectSections('spec', spec) : []),
    ...(status ? objectSections('status', status) : []),
  ].join('\n');
}

/** A section for an object, and one for each object in it. */
function objectSections(path: string, schema: SchemaObject): readonly string[] {
  const properties = Object.entries(schema.properties ?? {});
  const rules = schema['x-kubernetes-validations'] ?? [];
  const required = new Set(schema.required);
  return [
    `### ${path}\n`,
    `${schema.description ?? ''}\n`,
    '| field | type | default | description |\n|---|---|---|---|',
    `${properties.map(([name, property]) => row(name, property, required.has(name))).join('\n')}\n`,
    ...(rules.length > 0 ? [ruleList(rules)] : []),
    ...properties.flatMap(([name, property]) => partSections(`${path}.${name}`, property)),
  ];
}

function partSections(path: string, schema: SchemaObject): readonly string[] {
  if (schema.properties !== undefined) return objectSections(path, schema);
  return schema.items === undefined ? [] : partSections(`${path}[]`, schema.items);
}

function row(name: string, schema: SchemaObject, required: boolean): string {
  const cells = [`\`${name}\``, typeOf(schema), defaultOf(schema, required), describe(schema)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function typeOf(schema: SchemaObject): string {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'object, any fields';
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}`;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.pattern === DECIMAL_PATTERN || schema.pattern === MEASURE_PATTERN) return 'decimal, as a string';
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'any');
}

function defaultOf(schema: SchemaObject, required: boolean): string {
  if (schema.default !== undefined) return `\`${JSON.stringify(schema.default)}\``;
  return required ? '**required**' : '';
}

/** A description, with the bounds and rules of a field, of the items of its list or of the values of its map. */
function describe(schema: SchemaObject): string {
  const parts = [schema, schema.items, schema.additionalProperties]
    .filter((part) => typeof part === 'object')
    .filter((part) => part.properties === undefined);
  const bounds = parts.flatMap(boundsOf);
  const rules = parts.flatMap((part) => part['x-kubernetes-validations'] ?? []).map(({ message }) => message);
  return [
    schema.description,
    ...(bounds.length > 0 ? [`Bounds: ${bounds.join(', ')}.`] : []),
    ...(rules.length > 0 ? [`Checked: ${rules.join('; ')}.`] : []),
  ].join(' ');
}

const BOUNDS = {
  minimum: 'at least $',
  maximum: 'at most $',
  minItems: 'at least $ item',
  maxItems: 'at most $ items',
  maxProperties: 'at most $ entries',
  maxLength: 'at most $ characters',
  pattern: 'of the form `$`',
} as const satisfies Partial<Record<keyof SchemaObject, string>>;

const BOUND_KEYWORDS = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]; // Object.keys forgets its argument's type

/** Bounds that every number or string has. */
const UNSAID: readonly unknown[] = [
  2 ** 31 - 1,
  Number.MAX_SAFE_INTEGER,
  DEFAULT_MAX_LENGTH,
  DECIMAL_PATTERN,
  MEASURE_PATTERN,
];

function boundsOf(schema: SchemaObject): readonly string[] {
  return BOUND_KEYWORDS.filter((keyword) => schema[keyword] !== undefined && !UNSAID.includes(schema[keyword])).map(
    (keyword) => BOUNDS[keyword].replace('$', () => String(schema[keyword])),
  );
}

/** Messages are parts of sentences, some of which begin with the name of a field, so they stay in lower case. */
function ruleList(rules: readonly CelRule[]): string {
  return ['Checked:\n', ...rules.map(({ message }) => `- ${message}`), ''].join('\n');
}

function conditionsSection(): string {
  const sections = Object.entries<ConditionMeaning>(CONDITIONS).map(([type, { description, reasons }]) => {
    const rows = Object.entries(reasons).map(
      ([reason, meaning]) => `| \`${reason}\` | ${meaning.status} | ${meaning.description} |`,
    );
    return `### ${type}\n\n${description}\n\n| reason | status | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return ['## Conditions of a TrainingJob\n', ...sections].join('\n');
}
