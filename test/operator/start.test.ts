import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{ name: nowhere, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: nobody, user: { token: none } }]
contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
`;

/** Runs the operator until it ends by itself. */
async function operator(kubeconfig: string, ...args: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<{ readonly code: number | null; readonly log: string }>();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const child = execFile(process.execPath, ['src/operator/main.ts', ...args], { env }, (_, stdout, stderr) => {
    resolve({ code: child.exitCode, log: stdout + stderr });
  });
  return promise;
}

async function kubeconfig(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'uniap-operator-')), 'kubeconfig');
  await writeFile(file, KUBECONFIG);
  return file;
}

test('an operator that cannot serve what it is asked by ends, so that it is started again', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const free = ['--health-address', '127.0.0.1:0'];
  const cases = [
    { args: [...free, '--metrics-address', 'abc'], says: /abc is no address; write HOST:PORT or :PORT/ },
    { args: [...free, '--metrics-address', `127.0.0.1:${port ?? 0}`], says: /EADDRINUSE/ },
  ];
  for (const { args, says } of cases) {
    const { code, log } = await operator(await kubeconfig(), ...args);
    t.is(code, 1);
    t.regex(log, says);
    t.notRegex(log, /\\n +at /);
  }
  taken.close();
});

test('an operator without a kubeconfig says so in its log and ends', async (t) => {
  const { code, log } = await operator('/nonexistent/kubeconfig');
  t.is(code, 1);
  t.like(JSON.parse(log), { level: 'error', message: 'the operator failed' });
});
