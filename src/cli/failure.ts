import { InternalError, UserError } from '../api/errors.ts';

/** Exit codes: 1 for what the user can mend or must know (no plan fits), 70 (EX_SOFTWARE of sysexits.h) for our bugs. */
const EXIT = { user: 1, internal: 70 } as const;

/**
 * Says in a line what went wrong and returns the exit code. A user's error carries no stack trace; a bug of ours does,
 * since it is to be reported.
 */
export function reportFailure(error: unknown, write: (text: string) => void): number {
  if (error instanceof UserError) {
    write(`error: ${error.message}\n`);
    return EXIT.user;
  }
  if (error instanceof InternalError) {
    write(`${error.message}\nThis is a bug of uniap; nothing was started.\n`);
    return EXIT.internal;
  }
  write(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.internal;
}
