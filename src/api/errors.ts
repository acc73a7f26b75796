/**
 * Two kinds of error, never mixed: {@link UserError} says what somebody wrote, what is wrong with it and what would
 * work, and is shown without a stack trace; {@link InternalError} is our own bug, and starts nothing.
 */

export interface UserErrorOptions {
  /** What is wrong, naming what the user wrote: "heads 40 not divisible by tensor degree 16". */
  readonly problem: string;
  /** What would work: "use 1, 2, 4, 5, 8, 10, 20 or 40". */
  readonly remedy?: string | undefined;
  /** Where it was written, as a path into the document: "spec.planning.tensorDegree". */
  readonly field?: string | undefined;
  /** Where the text is: "job.yaml:14:5". */
  readonly source?: string | undefined;
  readonly cause?: unknown;
}

export class UserError extends Error {
  readonly problem: string;
  readonly remedy: string | undefined;
  readonly field: string | undefined;

  constructor({ problem, remedy, field, source, cause }: UserErrorOptions) {
    const said = remedy === undefined ? problem : `${problem}; ${remedy}`;
    super([source, field, said].filter((part) => part !== undefined && part !== '').join(': '), { cause });
    this.name = 'UserError';
    this.problem = problem;
    this.remedy = remedy;
    this.field = field;
  }
}

/** All that is wrong in a document. */
export class InvalidDocumentError extends UserError {
  readonly errors: readonly UserError[];

  /** @param what - The document, for people: "TrainingJob llama". */
  constructor(what: string, errors: readonly UserError[]) {
    super({ problem: [`${what} is not valid:`, ...errors.map(({ message }) => `  ${message}`)].join('\n') });
    this.name = 'InvalidDocumentError';
    this.errors = errors;
  }
}

export class InternalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(`internal error: ${message}`, options);
    this.name = 'InternalError';
  }
}

/** States what must hold whatever the user wrote. Throws {@link InternalError} where it does not. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (condition === false || condition === undefined || condition === null) {
    throw new InternalError(message);
  }
}
