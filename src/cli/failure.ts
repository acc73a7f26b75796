import { InternalError, UserError } from '../api/errors.ts';

/** Exit codes: 1 for what the user can mend or must know (no plan fits), 70 (EX_SOFTWARE of sysexits.h) for our bugs. */
const EXIT = { user: 1, internal: 70 } as const;

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/**
 * Says in a line what went wrong and returns the exit code. A user's error, or the system's word on a file they named,
 * carries no stack trace; a bug of ours does, since it is to be reported.
 */
export function reportFailure(error: unknown, write: (text: string) => void): number {
  if (error instanceof UserError || isSystemError(error)) {
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
