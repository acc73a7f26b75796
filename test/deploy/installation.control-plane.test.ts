/** The kustomize base and the Helm chart install the same, and the API server takes it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1DeploymentSpec } from '@kubernetes/client-node';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { buildControlPlane } from '../cluster/build.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { testNamespace } from '../cluster/namespace.ts';

const CHART = 'charts/uniap-operator';
const BASE = 'deploy/base';

const cluster = await sharedCluster();
const programs = await buildControlPlane();

async function helm(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  return (await promisify(execFile)(join(programs, 'helm'), args, { env, maxBuffer: 2 ** 24 })).stdout;
}

function objectsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null) // null: nothing but comments
    .filter((object) => object !== null);
}

const fromKustomize = async () => objectsOf(await cluster.kubectl(['kustomize', BASE]));
const fromHelm = async () => objectsOf(await helm('template', 'uniap-operator', CHART, '--namespace=uniap-system'));

/** An object as helm and kubectl print it. */
interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly template?: { readonly spec: Readonly<Record<string, unknown>> } };
}

/** An object without what only Helm says: who manages it, of which chart, and what to keep. */
function plain(object: Manifest): Manifest {
  const { labels = {}, annotations = {}, ...metadata } = object.metadata;
  const ofHelm = /^(helm.sh|app.kubernetes.io)\//;
  const without = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !ofHelm.test(key)));
  return { ...object, metadata: { ...metadata, labels: without(labels), annotations: without(annotations) } };
}

function byName(objects: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, plain(object)]));
}

test('kustomize and Helm install the same', async (t) => {
  const { 'Namespace uniap-system': namespace, ...base } = byName(await fromKustomize());
  t.truthy(namespace);
  t.deepEqual(byName(await fromHelm()), base);
});

test('they install the version of the package', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
  t.like(parse(await readFile(`${CHART}/Chart.yaml`, 'utf8')), { version, appVersion: version });
  t.like(parse(await readFile(`${BASE}/kustomization.yaml`, 'utf8')), { images: [{ newTag: version }] });
});

test('the API server takes all of it, and the pods in a restricted namespace', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const restricted = 'pod-security.kubernetes.io/enforce=restricted';
  await cluster.kubectl(['label', 'namespace', namespace, restricted]);
  const objects = (await fromKustomize()).map((object) => inNamespace(object, namespace));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const dryRun = ['apply', '--server-side', '--dry-run=server', '--field-manager=test', '--force-conflicts', '-f', '-'];
  await t.notThrowsAsync(cluster.kubectl(dryRun, list));

  const spec = objects.find(({ kind }) => kind === 'Deployment')?.spec;
  const metadata = { name: 'operator', namespace };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { ...spec?.template?.spec, serviceAccountName: 'default' },
  };
  await t.notThrowsAsync(cluster.kubectl(dryRun, JSON.stringify(pod)));
});

function inNamespace(object: Manifest, namespace: string): Manifest {
  const { metadata } = object;
  return metadata.namespace === undefined ? object : { ...object, metadata: { ...metadata, namespace } };
}

test('Helm installs with every value set, and leaves nothing', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const names = async () =>
    cluster.kubectl([
      'get',
      'deployment,service,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding,poddisruptionbudget,networkpolicy',
      `--namespace=${namespace}`,
      `--selector=app.kubernetes.io/instance=${namespace}`,
      '--output=name',
    ]);
  const release = [namespace, `--namespace=${namespace}`];
  await helm('install', ...release, CHART, '--values=test/deploy/values.yaml');
  t.is((await names()).trim().split('\n').length, 11);
  const deployment = await cluster.kubectl(['get', 'deployment', `--namespace=${namespace}`, '--output=json']);
  const { items } = JSON.parse(deployment) as { readonly items: readonly { readonly spec: V1DeploymentSpec }[] };
  t.like(items[0]?.spec, {
    replicas: 2,
    template: {
      metadata: { labels: { team: 'ml' }, annotations: { note: 'x' } },
      spec: {
        priorityClassName: 'system-cluster-critical',
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        imagePullSecrets: [{ name: 'registry' }],
        containers: [
          {
            image: 'registry.example.com/uniap-operator:1.2.3',
            args: ['--leader-election', '--log-level=debug', '--namespace=team'],
          },
        ],
      },
    },
  });
  await helm('uninstall', ...release, '--wait');
  t.is(await names(), '');
});

test('a ServiceMonitor is made when asked for', async (t) => {
  const options = ['--set=serviceMonitor.create=true', '--set=serviceMonitor.labels.release=prometheus'];
  const [monitor] = objectsOf(
    await helm('template', 'x', CHART, '--show-only=templates/servicemonitor.yaml', ...options),
  );
  t.like(monitor, {
    metadata: { name: 'x-uniap-operator', labels: { release: 'prometheus' } },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': 'x-uniap-operator' } },
      endpoints: [{ interval: '30s' }],
    },
  });
});

for (const value of ['replicas=two', 'replica=2', 'logLevel=loud', 'image.pullPolicy=Sometimes', 'crds.instal=true']) {
  test(`Helm refuses ${value}`, async (t) => {
    const error = await t.throwsAsync(helm('template', 'x', CHART, `--set=${value}`));
    t.regex(error.message, /values don't meet the specifications of the schema/);
  });
}

test('Helm finds nothing to complain of', async (t) => {
  await t.notThrowsAsync(helm('lint', '--strict', CHART));
});
