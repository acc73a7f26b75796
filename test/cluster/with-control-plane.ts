/**
 * Holds a control plane open while a command runs, and ends as the command did:
 *
 *     node test/cluster/with-control-plane.ts npx ava 'test/operator/**'
 *     node test/cluster/with-control-plane.ts bash        # a shell with kubectl and helm
 */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { interruption } from './interruption.ts';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: node test/cluster/with-control-plane.ts COMMAND [ARGUMENT...]');
  process.exit(2);
}
const signal = interruption();
try {
  const controlPlane = await startControlPlane({ signal });
  try {
    process.exitCode = await run(controlPlane, command, args);
  } finally {
    await controlPlane.stop();
  }
} catch (error) {
  if (!signal.aborted) throw error;
  console.error('interrupted');
  process.exitCode = 130;
}

/** Runs the command to its exit code. KUBECONFIG is set too, so that nothing reaches a cluster of the user's own. */
async function run({ kubeconfig, programs }: ControlPlane, name: string, rest: readonly string[]): Promise<number> {
  const env = {
    ...process.env,
    PATH: [programs, process.env.PATH].join(delimiter),
    KUBECONFIG: kubeconfig,
    UNIAP_TEST_KUBECONFIG: kubeconfig,
  };
  const child = spawn(name, rest, { stdio: 'inherit', env });
  // A terminal interrupts the command itself; whoever interrupts only us means both.
  signal.addEventListener('abort', () => child.kill());
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
