import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import test from 'ava';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

/** The programs of a control plane have its folder in their arguments. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args=']);
  return stdout.split('\n').filter((line) => line.includes(folder));
}

let controlPlane: ControlPlane;

test.before(async () => {
  controlPlane = await startControlPlane();
});
test.after.always(() => controlPlane.stop());

test.serial('a service account is who its kubeconfig says, and may nothing by itself', async (t) => {
  await controlPlane.kubectl(['create', 'serviceaccount', 'operator', '--namespace=kube-public']);
  const path = await controlPlane.kubeconfigFor({ namespace: 'kube-public', name: 'operator' });

  const user = await controlPlane.kubectl([
    'auth',
    'whoami',
    '-o=jsonpath={.status.userInfo.username}',
    `--kubeconfig=${path}`,
  ]);
  t.is(user, 'system:serviceaccount:kube-public:operator');
  const config = new KubeConfig();
  config.loadFromFile(path);
  await t.throwsAsync(config.makeApiClient(CoreV1Api).listNode(), { message: /cannot list resource/ });
});

test.serial('objects and clients outlive a crash of the API server', async (t) => {
  await controlPlane.kubectl(['create', 'namespace', 'before']);
  await controlPlane.restartApiServer();

  const { items } = await controlPlane.config.makeApiClient(CoreV1Api).listNamespace();
  t.true(items.some(({ metadata }) => metadata?.name === 'before'));
});

test.serial('stopping leaves neither a process nor a file', async (t) => {
  t.is((await processesIn(controlPlane.folder)).length, 5);
  await controlPlane.stop();

  t.deepEqual(await processesIn(controlPlane.folder), []);
  t.false(existsSync(controlPlane.folder));
});

test('a start that is aborted leaves nothing behind and says why', async (t) => {
  const signal = AbortSignal.timeout(500);
  await t.throwsAsync(startControlPlane({ signal }), { name: 'TimeoutError' });
  t.pass();
});
