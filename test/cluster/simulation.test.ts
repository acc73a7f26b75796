import { CoreV1Api, type V1Node, type V1Pod } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { sharedCluster } from './cluster.ts';
import { testNamespace } from './namespace.ts';
import { gpuNodes } from './nodes/gpu-nodes.ts';
import { waitFor } from './wait-for.ts';

const cluster = await sharedCluster();
const api = cluster.config.makeApiClient(CoreV1Api);

/** Creates nodes that are removed after the test, and pods in its namespace that ask for 8 GPUs of those nodes. */
async function setUp(t: ExecutionContext, { nodes, pods }: { readonly nodes: number; readonly pods: number }) {
  const namespace = await testNamespace(t, cluster);
  const label = { 'test.uniap.dev/namespace': namespace };
  await cluster.apply(gpuNodes('p5', { count: nodes, prefix: namespace, labels: label }));
  t.teardown(() => cluster.kubectl(['delete', 'nodes', '-l', `test.uniap.dev/namespace=${namespace}`]));
  const names = Array.from({ length: pods }, (_, index) => `pod-${index}`);
  await cluster.apply(
    names.map((name): V1Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        restartPolicy: 'Never',
        nodeSelector: label,
        containers: [{ name: 'trainer', image: 'trainer', resources: { limits: { 'nvidia.com/gpu': '8' } } }],
      },
    })),
  );
  return namespace;
}

async function podInPhase(namespace: string, name: string, phase: string): Promise<V1Pod> {
  return waitFor(
    async () => {
      const pod = await api.readNamespacedPod({ namespace, name });
      return pod.status?.phase === phase && pod;
    },
    { describe: `pod ${name} to be ${phase}` },
  );
}

async function nodeWithReadiness(name: string, status: 'True' | 'False'): Promise<V1Node> {
  return waitFor(
    async () => {
      const node = await api.readNode({ name });
      return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === status && node;
    },
    { describe: `node ${name} to be Ready=${status}` },
  );
}

async function annotate(target: readonly string[], ...annotations: readonly string[]): Promise<void> {
  await cluster.kubectl(['annotate', '--overwrite', ...target, ...annotations]);
}

test('pods that ask for all GPUs run on a node each, and one more waits', async (t) => {
  const namespace = await setUp(t, { nodes: 2, pods: 3 });
  await Promise.all([0, 1].map((index) => nodeWithReadiness(`${namespace}-${index}`, 'True')));
  const pods = async () => (await api.listNamespacedPod({ namespace })).items;

  const running = await waitFor(
    async () => {
      const found = (await pods()).filter((pod) => pod.status?.phase === 'Running');
      return found.length === 2 && found;
    },
    { describe: 'two pods to run' },
  );
  const waiting = await waitFor(async () => (await pods()).flatMap(reasonsToWait)[0], {
    describe: 'the third pod to be found unschedulable',
  });

  t.deepEqual(running.map((pod) => pod.spec?.nodeName).sort(), [`${namespace}-0`, `${namespace}-1`]);
  t.regex(waiting, /Insufficient nvidia\.com\/gpu/);
});

function reasonsToWait({ status }: V1Pod): readonly string[] {
  return (status?.conditions ?? []).flatMap(({ reason, message = '' }) => (reason === 'Unschedulable' ? message : []));
}

test('pods succeed and fail as annotated', async (t) => {
  const namespace = await setUp(t, { nodes: 2, pods: 2 });
  await Promise.all(['pod-0', 'pod-1'].map((name) => podInPhase(namespace, name, 'Running')));

  await annotate(['pod', 'pod-0', `-n=${namespace}`], 'test.uniap.dev/outcome=Succeeded');
  const failure = ['outcome=Failed', 'exit-code=137', 'message=CUDA: "out of memory"'];
  await annotate(['pod', 'pod-1', `-n=${namespace}`], ...failure.map((pair) => `test.uniap.dev/${pair}`));

  t.like(termination(await podInPhase(namespace, 'pod-0', 'Succeeded')), { exitCode: 0, reason: 'Completed' });
  t.like(termination(await podInPhase(namespace, 'pod-1', 'Failed')), {
    exitCode: 137,
    reason: 'Error',
    message: 'CUDA: "out of memory"',
  });
});

function termination({ status }: V1Pod) {
  return status?.containerStatuses?.[0]?.state?.terminated;
}

test('a deleted pod goes and frees its GPUs; one with a finalizer stays until that is gone', async (t) => {
  const namespace = await setUp(t, { nodes: 1, pods: 1 });
  await podInPhase(namespace, 'pod-0', 'Running');
  const patch = (finalizers: readonly string[]) =>
    cluster.kubectl(['patch', 'pod/pod-0', `-n=${namespace}`, '-p', JSON.stringify({ metadata: { finalizers } })]);
  await patch(['test.uniap.dev/hold']);

  await api.deleteNamespacedPod({ namespace, name: 'pod-0', gracePeriodSeconds: 30 });

  const held = await api.readNamespacedPod({ namespace, name: 'pod-0' });
  t.truthy(held.metadata?.deletionTimestamp);
  await cluster.kubectl([
    'patch',
    'pod/pod-0',
    `-n=${namespace}`,
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ]);
  await waitFor(async () => (await api.listNamespacedPod({ namespace })).items.length === 0, {
    describe: 'the pod to go',
  });
});

test('a node becomes NotReady as annotated, is tainted, and recovers', async (t) => {
  const namespace = await setUp(t, { nodes: 1, pods: 0 });
  const name = `${namespace}-0`;
  const tainted = async (expected: boolean) =>
    waitFor(
      async () => {
        const { spec } = await api.readNode({ name });
        return (spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/not-ready') === expected;
      },
      { describe: `${name} ${expected ? 'to get' : 'to lose'} its not-ready taint` },
    );
  await nodeWithReadiness(name, 'True');

  await annotate(['node', name], 'test.uniap.dev/ready=False');
  await nodeWithReadiness(name, 'False');
  await tainted(true);

  await annotate(['node', name], 'test.uniap.dev/ready-');
  await nodeWithReadiness(name, 'True');
  await tainted(false);
  t.pass();
});

test('an object that the API server refuses is an error that says why', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const empty: V1Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'empty', namespace },
    spec: { containers: [] },
  };
  await t.throwsAsync(cluster.apply([empty]), { message: /spec\.containers/ });
});
