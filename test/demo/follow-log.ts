import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ControlPlane } from '../cluster/control-plane.ts';

/** Lines of the first steps that are printed, and of the others one in so many. */
const FIRST_STEPS = 3;
const EVERY = 10;

/** Runs `kubectl logs --follow` until the pod has ended, and prints of its steps the first few and every tenth. */
export async function followLog(
  { programs, kubeconfig }: ControlPlane,
  pod: string,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(join(programs, 'kubectl'), ['logs', '--follow', pod], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = () => child.kill();
  signal.addEventListener('abort', end);
  for await (const line of createInterface(child.stdout)) if (isToldOf(line)) console.log(`  ${line}`);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
}

function isToldOf(line: string): boolean {
  const step = /^step (\d+)\//.exec(line)?.[1];
  return step === undefined || Number(step) <= FIRST_STEPS || Number(step) % EVERY === 0;
}
