/** What pods answer that were asked to measure: a tenant's program, which may say anything. */
import { InvalidDocumentError, UserError } from '../../api/errors.ts';
import { isObject } from '../../api/field-path.ts';
import { HardwareProfile } from '../../api/hardware-profile.ts';
import { ModelProfile } from '../../api/model-profile.ts';
import { parseResource } from '../../api/parse.ts';

export interface Answer {
  readonly model: ModelProfile['spec'];
  readonly hardware: HardwareProfile['spec'];
}

/** Of what is wrong with an answer as much is told. */
const PROBLEM_LENGTH = 400;

/** @throws {UserError} where the text is not a JSON object of a ModelProfile and a HardwareProfile, each without fault */
export function readAnswer(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    if (!isObject(answer)) throw new UserError({ problem: 'not a JSON object' });
    return {
      model: parseResource(ModelProfile, answer.model).spec,
      hardware: parseResource(HardwareProfile, answer.hardware).spec,
    };
  } catch (cause) {
    // Also what nests too deep for the stack.
    const problem = `what the pods have measured cannot be read: ${problemOf(cause)}`;
    throw new UserError({ problem: problem.slice(0, PROBLEM_LENGTH), cause });
  }
}

function problemOf(cause: unknown): string {
  if (cause instanceof InvalidDocumentError) return cause.errors[0]?.message ?? cause.message;
  return cause instanceof Error ? cause.message : String(cause);
}
