/**
 * The few words in which the custom resources are written. A schema here is plain JSON Schema (TypeBox), and is at once
 * the static type, the validation and defaulting that the CLI does, and the source of the generated CRDs.
 *
 * A property with a `default` is listed as required: defaulting fills it before anything reads it, so code never meets
 * its absence. The CRD generator drops such properties from `required`, since a user need not write them.
 */
import Type, { type TSchema, type TUnsafe } from 'typebox';
import type { FieldPath } from './field-path.ts';

/** A CEL rule of the API server (`x-kubernetes-validations`), evaluated by the CLI as well. */
export interface CelRule {
  /** May use `self` and, in a transition rule, `oldSelf`. */
  readonly rule: string;
  readonly message: string;
  /**
   * A CEL expression giving the message, where it should quote what was written. Put it together by `format`: the API
   * server bounds the cost of no other way to join strings that it does not know the length of.
   */
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}

/** A schema of ours as plain data, for what walks through it. */
export interface SchemaObject {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, SchemaObject>>;
  readonly required?: readonly string[];
  readonly items?: SchemaObject;
  readonly additionalProperties?: SchemaObject | boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
}

/** Schema of a field of an object, or undefined where the schema knows no such field. */
export function schemaOfField(schema: SchemaObject, name: string): SchemaObject | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Schema of the value at `path`, or undefined where the schema knows no such field. */
export function schemaAt(root: SchemaObject, path: FieldPath): SchemaObject | undefined {
  return path.reduce<SchemaObject | undefined>((schema, step) => {
    if (schema === undefined) return undefined;
    return typeof step === 'number' ? schema.items : schemaOfField(schema, step);
  }, root);
}

export interface FieldOptions<T> {
  readonly description: string;
  readonly default?: T;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
}

/** The rule that exactly one of some optional fields is given. */
export function exactlyOneOf(fields: readonly string[]): CelRule {
  const given = `[${fields.map((field) => `has(self.${field}) ? '${field}' : ''`).join(', ')}].filter(field, field != '')`;
  const message = `exactly one of ${fields.join(', ')} must be given`;
  return {
    rule: `${given}.size() == 1`,
    message,
    messageExpression: `'${message}; given: %s'.format([${given}])`,
  };
}

/** One of `values`, as `type: string` with `enum`. */
export function OneOf<const T extends string>(values: readonly T[], options: FieldOptions<NoInfer<T>>): TUnsafe<T> {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
}

/** A whole number of at least `minimum`, a `T` where the bounds leave no other; `int32` unless `maximum` lies beyond. */
export function WholeNumber<T extends number = number>(
  options: FieldOptions<NoInfer<T>> & { readonly minimum: number; readonly maximum?: number },
): TUnsafe<T> {
  const maximum = options.maximum ?? 2 ** 31 - 1;
  return Type.Unsafe<T>({ type: 'integer', format: maximum < 2 ** 31 ? 'int32' : 'int64', ...options, maximum });
}

/** Bytes, as a whole number up to 2^53 − 1. */
export function Bytes(options: FieldOptions<number>): TUnsafe<number> {
  return WholeNumber({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...options });
}

export const DECIMAL_PATTERN = '^-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?$';

/**
 * A real number as a decimal string. Kubernetes conventions keep floating-point numbers out of specs; the shortest
 * decimal that reads back as the same double loses nothing, so that a proof can be checked again from the object.
 */
export function Decimal(options: FieldOptions<string>): TUnsafe<string> {
  return Text({ pattern: DECIMAL_PATTERN, maxLength: 32, ...options });
}

export const MEASURE_PATTERN = '^[0-9]+([.][0-9]+)?(e[-+]?[0-9]{1,2})?$';

/** A {@link Decimal} that is not negative and not beyond what a double holds: what somebody measured. */
export function Measure(options: FieldOptions<string>): TUnsafe<string> {
  return Text({ pattern: MEASURE_PATTERN, maxLength: 32, ...options });
}

/** A moment, as RFC 3339 writes it. */
export function Moment(options: FieldOptions<string>): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', format: 'date-time', ...options });
}

export const DEFAULT_MAX_LENGTH = 253;

/** A string of at most `maxLength` characters, bounded so that the cost of CEL rules is bounded. */
export function Text(
  options: FieldOptions<string> & {
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly pattern?: string;
  },
): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', maxLength: DEFAULT_MAX_LENGTH, ...options });
}

/** A list, with a bound on its length for the sake of CEL cost. */
export function List<T extends TSchema>(
  items: T,
  options: FieldOptions<Type.Static<T>[]> & {
    readonly minItems?: number;
    readonly maxItems: number;
    readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
    readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  },
): Type.TArray<T> {
  return Type.Array(items, { ...options });
}

/** A map from string to string, as labels are; `values` describes and bounds its values. */
export function StringMap(
  values: TUnsafe<string>,
  options: FieldOptions<Record<string, string>> & { readonly maxProperties: number },
): TUnsafe<Record<string, string>> {
  return Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: values, ...options });
}

/** An object of Kubernetes' own or of somebody else's, which they validate: any fields. */
export function Foreign(options: FieldOptions<Record<string, unknown>>): TUnsafe<Record<string, unknown>> {
  return Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    ...options,
  });
}
