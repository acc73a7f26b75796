/** The CEL of the API server, as far as the rules here use it. */
import { Environment } from '@marcbachmann/cel-js';
import { isObject } from './field-path.ts';

/** Evaluates an expression; throws where CEL does: a missing field, an overflow, a failed conversion. */
export type Expression = (self: unknown) => unknown;

const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  .registerVariable('self', 'dyn')
  .registerFunction('isQuantity(string): bool', isQuantity)
  .registerFunction('string.format(list): string', format);

/** @throws Error of the library where the expression is not CEL. */
export function compile(expression: string): Expression {
  const evaluate = environment.parse(expression);
  return (self): unknown => evaluate({ self: celValue(self) });
}

/** Whole numbers are CEL's int. No field of the API is a floating-point number. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(celValue);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, celValue(field)]));
  return value;
}

/**
 * Whether the text is a quantity: a decimal with a suffix of powers of 1000 or 1024, or an exponent.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
function isQuantity(text: string): boolean {
  return /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][-+]?[0-9]+)?$/.test(text);
}

/** `'%s of %d'.format([…])`; the other verbs are not used here. */
function format(template: string, values: readonly unknown[]): string {
  const rest = values.values();
  return template.replaceAll(/%[sd]/g, () => formatted(rest.next().value));
}

/** The API server writes strings in a list in quotes. */
function formatted(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return `[${value.map((item) => (typeof item === 'string' ? JSON.stringify(item) : String(item))).join(', ')}]`;
}
