/** The chart by itself: its values, what it renders, and that kustomize renders the same. */
import { readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parse } from 'yaml';
import { buildControlPlane } from '../cluster/build.ts';
import { matchesGolden } from '../plan/golden.ts';
import { BASE, CHART, EVERYTHING, helm, type Manifest, objectsOf, rendered } from './helm.ts';

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

async function kustomized(folder: string): Promise<Record<string, Manifest>> {
  const kubectl = join(await buildControlPlane(), 'kubectl');
  const { stdout } = await promisify(execFile)(kubectl, ['kustomize', folder], { maxBuffer: 2 ** 24 });
  return byName(objectsOf(stdout));
}

test('kustomize and Helm install the same', async (t) => {
  const { 'Namespace uniap-system': namespace, ...base } = await kustomized(BASE);
  t.truthy(namespace);
  t.deepEqual(byName(await rendered()), base);
});

test('kustomize and Helm install the same, with everything that may be added', async (t) => {
  const { 'Namespace uniap-system': namespace, ...all } = await kustomized('test/deploy/everything');
  t.truthy(namespace);
  t.deepEqual(byName(await rendered(...EVERYTHING)), all);
});

test('they install the version of the package', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
  t.like(parse(await readFile(`${CHART}/Chart.yaml`, 'utf8')), { version, appVersion: version });
  t.like(parse(await readFile(`${BASE}/kustomization.yaml`, 'utf8')), { images: [{ newTag: version }] });
});

const WITHOUT_LONG_ONES = ['--set=crds.install=false', '--set=dashboards.create=false'];

test('templates are as reviewed, with nothing set', async (t) => {
  const text = await helm(undefined, 'template', 'uniap-operator', CHART, '-n=uniap-system', ...WITHOUT_LONG_ONES);
  await matchesGolden(t, 'default.yaml', text, import.meta.dirname);
});

test('templates are as reviewed, with every value set', async (t) => {
  const values = ['--values=test/deploy/values.yaml', ...WITHOUT_LONG_ONES];
  const text = await helm(undefined, 'template', 'team', CHART, '-n=platform', ...values);
  await matchesGolden(t, 'every-value.yaml', text, import.meta.dirname);
});

/** The part of JSON Schema that the chart uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Path and schema of each property at any depth. */
function propertiesOf({ properties = {}, items }: Schema, path = ''): readonly (readonly [string, Schema])[] {
  const own = Object.entries(properties).flatMap(([name, schema]): (readonly [string, Schema])[] => [
    [`${path}.${name}`, schema],
    ...propertiesOf(schema, `${path}.${name}`),
  ]);
  return items === undefined ? own : [...own, ...propertiesOf(items, `${path}[]`)];
}

async function readSchema(): Promise<Schema> {
  return JSON.parse(await readFile(`${CHART}/values.schema.json`, 'utf8')) as Schema;
}

test('every value is described, and no other is taken', async (t) => {
  const schema = await readSchema();
  for (const [path, { description = '', properties, additionalProperties }] of propertiesOf(schema)) {
    t.regex(description, /\.$/, path);
    if (properties !== undefined) t.is(additionalProperties, false, path);
  }
});

test('every value has its default in values.yaml, and nothing else is there', async (t) => {
  const leaves = (value: unknown, path: string): readonly string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([name, each]) => leaves(each, `${path}.${name}`))
      : [path];
  const ofUser = /^\.(global|resources\.|.*\[\]|affinity\.)/;
  const described = propertiesOf(await readSchema())
    .filter(([path, { properties }]) => !ofUser.test(path) && properties === undefined)
    .map(([path]) => path);
  const defaults = leaves(parse(await readFile(`${CHART}/values.yaml`, 'utf8')), '')
    .filter((path) => !ofUser.test(path))
    .map((path) => path.replace(/\.labels\.grafana_dashboard$/, '.labels'));
  t.deepEqual(defaults.toSorted(), [...described.filter((path) => path !== '.affinity'), '.affinity'].toSorted());
});

for (const value of [
  'replicas=two',
  'replicas=-1',
  'replica=2',
  'logLevel=loud',
  'image.pullPolicy=Sometimes',
  'image.repository=',
  'image.tag=a tag',
  'imagePullSecrets[0]=registry',
  'watchNamespace=Team_A',
  'resources.limit.memory=1Gi',
  'resources.limits.memory=much',
  'tolerations[0].efect=NoSchedule',
  'affinity.nodes.a=b',
  'topologySpreadConstraints[0].maxSkew=1',
  'crds.instal=true',
  'networkPolicy.metricsFrom[0].pods.a=b',
  'networkPolicy.jobPorts[0]=70000',
  'networkPolicy.apiServerPorts=null',
  'serviceMonitor.interval=soon',
  'prometheusRule.sourceUrl=https://git.example.com/no-slash',
  'dashboards.labels.a=1',
]) {
  test(`Helm refuses ${value}`, async (t) => {
    const error = await t.throwsAsync(helm(undefined, 'template', 'x', CHART, `--set=${value}`));
    t.regex(error.message, /values don't meet the specifications of the schema/);
  });
}

test('Helm finds nothing to complain of', async (t) => {
  await t.notThrowsAsync(helm(undefined, 'lint', '--strict', CHART));
  await t.notThrowsAsync(helm(undefined, 'lint', '--strict', CHART, '--values=test/deploy/values.yaml', ...EVERYTHING));
});

test('alerts link to the runbook at the address that is given', async (t) => {
  const options = ['--set=prometheusRule.create=true', '--set=prometheusRule.sourceUrl=https://git.example.com/uniap/'];
  const text = JSON.stringify((await rendered(...options)).find(({ kind }) => kind === 'PrometheusRule'));
  t.true(text.includes('"https://git.example.com/uniap/docs/runbook.md#uniapoperatordown"'));
  t.false(text.includes('"docs/'));
});
