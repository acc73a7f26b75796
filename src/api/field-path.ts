/** Where something stands in a document. */

/** Names of fields and indices of lists, from the root. */
export type FieldPath = readonly (string | number)[];

/** As people and the API server write it: `spec.template.env[0].name`, `spec.template.labels["example.com/team"]`. */
export function formatFieldPath(path: FieldPath): string {
  return path.map(formatStep).join('').replace(/^[.]/, '');
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** The value at `path`, or undefined where the document has no such field. */
export function valueAt(document: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
    document,
  );
}

/** An object or list, to be read by key. */
export function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
