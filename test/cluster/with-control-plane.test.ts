import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import test from 'ava';
import { waitFor } from './wait-for.ts';

const WRAPPER = join(import.meta.dirname, 'with-control-plane.ts');

/** Runs a command under with-control-plane.ts that prints its process id and its kubeconfig, and waits. */
async function startWaiting() {
  const script = 'console.log(process.pid + " " + process.env.UNIAP_TEST_KUBECONFIG); setInterval(() => {}, 1e6)';
  const child = spawn(process.execPath, [WRAPPER, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('the command did not start');
  const [pid = '', kubeconfig = ''] = first.value.split(' ');
  return { child, commandPid: Number(pid), folder: dirname(kubeconfig) };
}

async function noProcessIn(folder: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args=']);
  return !stdout.includes(folder);
}

test.serial('the command reaches the cluster, and its exit code is handed on', async (t) => {
  const script = 'kubectl get namespace kube-system --output=name && exit 7';
  const error = await t.throwsAsync(promisify(execFile)(process.execPath, [WRAPPER, 'sh', '-c', script]));
  t.like(error, { code: 7, stdout: 'namespace/kube-system\n' });
});

test.serial('Ctrl-C ends the command, the control plane and its folder', async (t) => {
  const { child, folder } = await startWaiting();
  t.false(await noProcessIn(folder));

  child.kill('SIGINT');
  await once(child, 'exit');

  t.true(await noProcessIn(folder));
  t.false(existsSync(folder));
  t.not(child.exitCode, 0);
});

test.serial('no program outlives a parent that was killed', async (t) => {
  const { child, commandPid, folder } = await startWaiting();
  t.teardown(() => rm(folder, { recursive: true }));

  child.kill('SIGKILL');
  await once(child, 'exit');
  process.kill(commandPid); // the user's own, and not ours to end

  await waitFor(() => noProcessIn(folder), { describe: 'the control plane to end' });
  t.pass();
});
