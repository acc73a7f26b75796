/** A container as a process of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { End } from './pod-status.ts';

/** Kubernetes keeps so many bytes of a termination message. */
const MESSAGE_LENGTH = 4096;
/** Shells add the number of the signal that ended a process. */
const SIGNALLED = 128;
/** What a container runtime answers where there is no such program. */
const NO_SUCH_PROGRAM = 127;

export interface ContainerSpec {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Receives standard output and standard error. */
  readonly logFile: string;
  /** Exists, and is empty. */
  readonly messageFile: string;
}

export interface Container {
  /** Resolves when its first process has ended; others that it started may still run. */
  readonly ended: Promise<End>;
  /** Asks its first process to end, as a kubelet does. */
  terminate(): void;
}

export function startContainer(spec: ContainerSpec): Container {
  const startedAt = new Date();
  const child = launch(spec);
  const exitCode = new Promise<number>((resolve) => {
    child.once('error', () => {
      resolve(NO_SUCH_PROGRAM);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  return {
    ended: exitCode.then(async (code) => ({
      exitCode: code,
      reason: code === 0 ? 'Completed' : 'Error',
      message: (await readFile(spec.messageFile, 'utf8')).slice(-MESSAGE_LENGTH),
      startedAt,
    })),
    terminate: () => {
      child.kill('SIGTERM');
    },
  };
}

/** Should the agent be killed, the kernel asks the process to end. */
function launch({ command, workingDirectory, environment, logFile }: ContainerSpec): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
      cwd: workingDirectory,
      env: environment,
      stdio: ['ignore', log, log],
      detached: true, // a terminal's Ctrl-C is for the agent alone
    });
  } finally {
    closeSync(log);
  }
}
