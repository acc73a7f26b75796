import { execFile } from 'node:child_process';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a process of its own, with no kubeconfig in reach. */
export async function uniap(...args: readonly string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  const env = { ...process.env, HOME: '/nonexistent', KUBECONFIG: '' };
  const child = execFile(process.execPath, ['src/cli/main.ts', ...args], { env }, (_, stdout, stderr) => {
    resolve({ code: child.exitCode ?? -1, stdout, stderr });
  });
  return promise;
}
