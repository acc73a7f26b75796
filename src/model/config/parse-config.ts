/** The text of a config.json. */
import { UserError } from '../../api/errors.ts';
import type { Config } from './read-config.ts';

/**
 * @param source - Where the text is, for people: "ConfigMap llama, key config.json".
 * @throws {UserError} where the text is no JSON object
 */
export function parseConfig(text: string, source: string): Config {
  const value = parseJson(text, source);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UserError({ source, problem: 'not a JSON object', remedy: 'give a Hugging Face config.json' });
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new UserError({ source, problem, remedy: 'give a Hugging Face config.json', cause });
  }
}
