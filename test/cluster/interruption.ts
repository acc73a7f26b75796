/**
 * Turns Ctrl-C and requests to terminate, which otherwise end the process on the spot, into an abort signal, so that
 * what runs can clean up. A second Ctrl-C ends the process.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      controller.abort(new Error(`interrupted by ${signal}`));
    });
  }
  return controller.signal;
}
