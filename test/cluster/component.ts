import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const LOG_TAIL_LINES = 25;

/** How to run one program of the control plane. */
export interface ComponentSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Receives standard output and standard error. */
  readonly logFile: string;
}

/** A program that runs until it is killed. */
export interface Component {
  readonly name: string;
  /** Ends the program at once; resolves when it has ended. */
  readonly kill: () => Promise<void>;
  /** Rejects with the end of the log if the program ends without having been killed; never resolves. */
  readonly failed: Promise<never>;
}

/**
 * Starts a program. It is killed, not asked to end: its data is thrown away with it, and a polite API server waits for
 * the last client to go.
 */
export function startComponent(spec: ComponentSpec): Component {
  const child = launch(spec);
  let killed = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const failed = exited.then(async () => (killed ? new Promise<never>(() => undefined) : fail(spec)));
  failed.catch(() => undefined); // is no unhandled rejection while nobody waits for it
  const kill = async () => {
    killed = true;
    child.kill('SIGKILL');
    await exited;
  };
  return { name: spec.name, kill, failed };
}

/**
 * Runs the program in a session of its own, so that a terminal's Ctrl-C reaches only us, who may still need it. The
 * pipe to its standard input tells it when we are gone, however that came about.
 */
function launch({ command, args, logFile }: ComponentSpec): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(command, args, { stdio: ['pipe', log, log], detached: true });
  } finally {
    closeSync(log);
  }
}

async function fail({ name, logFile }: ComponentSpec): Promise<never> {
  const tail = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  throw new Error([`${name} ended unexpectedly; the end of its log:`, ...tail].join('\n'));
}
