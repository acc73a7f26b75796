/** The README of the Helm chart: a table of its values, from their schema and defaults. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const CHART = join(import.meta.dirname, '../charts/uniap-operator');

const HEAD = `<!-- Generated from values.schema.json and values.yaml by \`npm run generate\`. Do not edit. -->

# uniap-operator

Plans the parallelism of training jobs by a proved optimum, and runs them. How to install, upgrade and remove it is in
docs/install.md of the project, metrics, dashboards and alerts in docs/monitoring.md.

| value | default | |
|---|---|---|
`;

/** The part of JSON Schema that the chart's values are described by. */
interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

export async function chartReadme(): Promise<string> {
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  const values: unknown = parse(await readFile(join(CHART, 'values.yaml'), 'utf8'));
  return `${HEAD}${rows(schema, values).join('\n')}\n`;
}

/** A row for each value that has a default of its own. */
function rows({ properties = {} }: Schema, values: unknown, path = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const value = member(values, name);
    if (value === undefined) return []; // Helm's own, or one that stands for what the user may add
    return schema.properties === undefined || isEmpty(value)
      ? [`| \`${path}${name}\` | \`${JSON.stringify(value)}\` | ${schema.description ?? ''} |`]
      : rows(schema, value, `${path}${name}.`);
  });
}

function member(values: unknown, name: string): unknown {
  return typeof values === 'object' && values !== null ? new Map(Object.entries(values)).get(name) : undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
