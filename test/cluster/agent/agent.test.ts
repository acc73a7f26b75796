import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CoreV1Api, type V1Container, type V1Pod, type V1PodSpec } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { sharedCluster } from '../cluster.ts';
import { testNamespace } from '../namespace.ts';
import { waitFor } from '../wait-for.ts';
import { type Agent, startAgent } from './agent.ts';
import { cpuNodes } from './node.ts';

const cluster = await sharedCluster();
const api = cluster.config.makeApiClient(CoreV1Api);

/** A namespace and a node with two GPUs, whose pods run for real. */
class Bench {
  readonly namespace: string;
  readonly agent: Agent;

  private constructor(namespace: string, agent: Agent) {
    this.namespace = namespace;
    this.agent = agent;
  }

  static async open(t: ExecutionContext): Promise<Bench> {
    const namespace = await testNamespace(t, cluster);
    const agent = await startAgent(cluster, {
      nodes: cpuNodes({ count: 1, prefix: namespace, gpus: 2 }),
      environment: () => ({ PATH: process.env.PATH ?? '' }),
    });
    t.teardown(agent.stop);
    return new Bench(namespace, agent);
  }

  get node(): string {
    return `${this.namespace}-0`;
  }

  /** Creates a pod of one container, on the node. */
  async run(name: string, container: Partial<V1Container>, spec: Partial<V1PodSpec> = {}): Promise<void> {
    await cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: this.namespace, annotations: { color: 'green' } },
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { 'kubernetes.io/hostname': this.node },
          ...spec,
          containers: [{ name: 'main', image: 'none', ...container }],
        },
      } as V1Pod,
    ]);
  }

  async shell(name: string, script: string, container: Partial<V1Container> = {}, spec: Partial<V1PodSpec> = {}) {
    await this.run(name, { command: ['sh', '-c', script], ...container }, spec);
  }

  async reaches(name: string, phase: string): Promise<V1Pod> {
    return waitFor(
      async () => {
        const pod = await this.read(name);
        return pod.status?.phase === phase && pod;
      },
      { describe: `pod ${name} to be ${phase}` },
    );
  }

  async read(name: string): Promise<V1Pod> {
    return api.readNamespacedPod({ namespace: this.namespace, name });
  }

  async log(pod: V1Pod): Promise<string> {
    return readFile(join(this.agent.podFolder(pod), 'main.log'), 'utf8');
  }

  async says(pod: V1Pod, text: string): Promise<void> {
    await waitFor(async () => (await this.log(pod)).includes(text), { describe: `the pod to say ${text}` });
  }

  async gone(name: string): Promise<void> {
    const pods = async () => (await api.listNamespacedPod({ namespace: this.namespace })).items;
    await waitFor(async () => (await pods()).every(({ metadata }) => metadata?.name !== name), {
      describe: `pod ${name} to go`,
    });
  }
}

function termination({ status }: V1Pod) {
  return status?.containerStatuses?.[0]?.state?.terminated;
}

test('a command runs, is ready meanwhile, and its exit code and last words are kept', async (t) => {
  const bench = await Bench.open(t);
  await bench.shell(
    'ends',
    'echo begun; until test -e go; do sleep 0.1; done; echo why > /dev/termination-log; exit 3',
  );
  const running = await bench.reaches('ends', 'Running');
  t.true(running.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));
  t.regex(running.status?.podIP ?? '', /^127\.\d+\.\d+\.\d+$/);
  await bench.says(running, 'begun');
  const following = cluster.kubectl(['logs', '-f', 'ends', `-n=${bench.namespace}`]);
  await bench.shell('lets-go', `touch ${join(bench.agent.podFolder(running), 'go')}`);

  const failed = await bench.reaches('ends', 'Failed');
  t.like(termination(failed), { exitCode: 3, reason: 'Error', message: 'why\n' });
  t.is(await following, 'begun\n');
  t.like(termination(await bench.reaches('lets-go', 'Succeeded')), { exitCode: 0, reason: 'Completed' });
});

test('volumes are where the container expects them, and variables have their values', async (t) => {
  const bench = await Bench.open(t);
  await cluster.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'files', namespace: bench.namespace }, data: { a: '1' } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'token', namespace: bench.namespace },
      stringData: { t: 's3' },
    },
  ] as object[]);
  const script =
    'cat "$FILE" /etc/all/color; cat /etc/all/renamed; echo; echo "$WHERE $TOKEN $GREETING"; cp /etc/all/a /scratch/a';
  await bench.shell(
    'mounts',
    script,
    {
      env: [
        { name: 'FILE', value: '/etc/all/a' },
        { name: 'WHERE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 't' } } },
        { name: 'GREETING', value: 'hello $(TOKEN) $$(TOKEN)' },
      ],
      volumeMounts: [
        { name: 'all', mountPath: '/etc/all' },
        { name: 'scratch', mountPath: '/scratch' },
      ],
    },
    {
      volumes: [
        {
          name: 'all',
          projected: {
            sources: [
              { configMap: { name: 'files' } },
              { secret: { name: 'token', items: [{ key: 't', path: 'renamed' }] } },
              { downwardAPI: { items: [{ path: 'color', fieldRef: { fieldPath: "metadata.annotations['color']" } }] } },
            ],
          },
        },
        { name: 'scratch', emptyDir: {} },
      ],
    },
  );
  const pod = await bench.reaches('mounts', 'Succeeded');
  t.is(await bench.log(pod), `1greens3\n${bench.node} s3 hello s3 $(TOKEN)\n`);
});

test('a folder of the node outlives the pod', async (t) => {
  const bench = await Bench.open(t);
  const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const volumes = { volumes: [{ name: 'data', hostPath: { path: '/mnt/shared' } }] };
  await bench.shell('writes', 'echo kept > /data/file', mount, volumes);
  await bench.reaches('writes', 'Succeeded');
  await bench.shell('reads', 'cat /data/file', mount, volumes);
  t.is(await bench.log(await bench.reaches('reads', 'Succeeded')), 'kept\n');
});

test('pods of a headless Service find one another, each at its own address', async (t) => {
  const bench = await Bench.open(t);
  const { namespace } = bench;
  const spec = { clusterIP: 'None', publishNotReadyAddresses: true, selector: { none: 'none' }, ports: [{ port: 80 }] };
  await cluster.apply([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'gang', namespace }, spec } as object]);
  const serve = "require('http').createServer((q, a) => a.end('hello')).listen(29500, process.env.ADDRESS)";
  const ask =
    "const ask = () => fetch('http://' + process.env.MASTER).then(async (a) => console.log(await a.text()), () => setTimeout(ask, 100)); ask()";
  const master = { name: 'MASTER', value: 'first.gang:29500' };
  // The second starts before the first has an address, and waits.
  await bench.run('second', { command: ['node', '-e', ask], env: [master] }, { hostname: 'second', subdomain: 'gang' });
  await bench.run(
    'first',
    {
      command: ['node', '-e', serve],
      env: [{ name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    },
    { hostname: 'first', subdomain: 'gang' },
  );
  t.is(await bench.log(await bench.reaches('second', 'Succeeded')), 'hello\n');
});

test('a pod that is deleted is asked to end, and killed with all it has started when its time is over', async (t) => {
  const bench = await Bench.open(t);
  await bench.shell('polite', 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.1; done');
  const polite = await bench.reaches('polite', 'Running');
  await bench.says(polite, 'ready');
  const deaf = 'trap "" TERM; setsid sh -c \'trap "" TERM; sleep 1000\' & echo ready; sleep 1000';
  await bench.shell('deaf', deaf, {}, { terminationGracePeriodSeconds: 1 });
  const stubborn = await bench.reaches('deaf', 'Running');
  await bench.says(stubborn, 'ready');

  await cluster.kubectl(['delete', 'pod', 'polite', 'deaf', '--wait=false', `-n=${bench.namespace}`]);
  await Promise.all([bench.gone('polite'), bench.gone('deaf')]);
  t.regex(await bench.log(polite), /bye/);
  const uid = stubborn.metadata?.uid ?? 'none';
  t.deepEqual(await processesOf(uid), []);
});

test('a killed node falls silent and its processes are gone; when it comes back its pods have failed', async (t) => {
  const bench = await Bench.open(t);
  await bench.shell('works', 'echo ready; sleep 1000');
  const pod = await bench.reaches('works', 'Running');
  await bench.says(pod, 'ready');

  await bench.agent.killNode(bench.node);
  t.deepEqual(await processesOf(pod.metadata?.uid ?? ''), []);
  const taints = async () => (await api.readNode({ name: bench.node })).spec?.taints ?? [];
  await waitFor(async () => (await taints()).some(({ key }) => key === 'node.kubernetes.io/unreachable'), {
    describe: 'the node to be tainted as unreachable',
  });
  t.is((await bench.read('works')).status?.phase, 'Running');

  await bench.agent.restoreNode(bench.node);
  t.like(termination(await bench.reaches('works', 'Failed')), { exitCode: 137, reason: 'ContainerStatusUnknown' });
});

test('what the agent cannot do fails the pod, in words', async (t) => {
  const bench = await Bench.open(t);
  await bench.run('imageless', {});
  const pod = await bench.reaches('imageless', 'Failed');
  t.regex(pod.status?.message ?? '', /container main has no command/);
});

/** Process ids of what runs of a pod. */
async function processesOf(uid: string): Promise<readonly string[]> {
  const search = `grep -lz "^UNIAP_TEST_POD=${uid}" /proc/[0-9]*/environ 2> /dev/null || true`;
  const { stdout } = await promisify(execFile)('sh', ['-c', search]);
  return stdout.split('\n').filter((line) => line !== '');
}
