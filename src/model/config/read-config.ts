/** Reads the fields of a config.json that a family needs, and says what is wrong with them. */
import Type from 'typebox';
import { Check, Errors } from 'typebox/value';
import { UserError, invariant } from '../../api/errors.ts';

/** A config.json, parsed. It is a foreign format: fields that are not read here may hold anything. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * The config as `schema` describes it. A field that is null counts as absent, as in Hugging Face's own reader.
 *
 * @throws UserError - names the first field that is missing or holds something else than it should.
 */
export function readConfig<Schema extends Type.TObject>(
  family: string,
  schema: Schema,
  config: Config,
): Type.Static<Schema> {
  const given: unknown = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  if (!Check(schema, given)) throw fieldError(family, schema, config);
  return given;
}

function fieldError(family: string, schema: Type.TObject, config: Config): UserError {
  const [name, field] = firstFault(schema, config);
  const value = config[name] ?? undefined;
  return configError(
    family,
    value === undefined ? `${name} missing` : `${name} is ${JSON.stringify(value)}`,
    `give ${descriptionOf(field)}`,
  );
}

/** The first property, in the order of the schema, that does not hold what it should. */
function firstFault(schema: Type.TObject, config: Config): [string, Type.TSchema] {
  const required: readonly string[] = schema.required;
  const fault = Object.entries(schema.properties).find(([name, field]) => {
    const value = config[name] ?? undefined;
    return value === undefined ? required.includes(name) : Errors(field, value).length > 0;
  });
  invariant(fault, 'an object that does not match its schema has a property at fault');
  return fault;
}

function descriptionOf(field: Type.TSchema): string {
  invariant('description' in field && typeof field.description === 'string', 'fields have descriptions');
  return field.description;
}

/** "config.json of family llama: num_attention_heads missing; give …" */
export function configError(family: string, problem: string, remedy: string): UserError {
  return new UserError({ problem: `config.json of family ${family}: ${problem}`, remedy });
}

/** A number of a config and the name of its field. */
export type NamedNumber = readonly [name: string, value: number];

/** @throws UserError where the first is no multiple of the second, naming the nearest numbers that would do. */
export function requireMultiple(family: string, [name, value]: NamedNumber, [ofName, of]: NamedNumber): void {
  if (value % of === 0) return;
  const nearest = [nearestDivisor(value, of, -1), nearestDivisor(value, of, 1)].filter((divisor) => divisor > 0);
  throw configError(
    family,
    `${name} ${value} is not divisible by ${ofName} ${of}`,
    `${ofName} could be ${nearest.join(' or ')}`,
  );
}

/** The first divisor of `value` on the way from `from` downwards or upwards; 0 where there is none. */
function nearestDivisor(value: number, from: number, step: 1 | -1): number {
  for (let divisor = Math.min(from, value + 1) + step; divisor >= 1 && divisor <= value; divisor += step) {
    if (value % divisor === 0) return divisor;
  }
  return 0;
}
