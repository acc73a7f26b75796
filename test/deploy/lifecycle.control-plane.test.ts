/** A release from its installation to its end, on a control plane of its own: definitions are the whole cluster's. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import test from 'ava';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { startOperator } from '../operator/harness.ts';
import { startFreshCluster } from './fresh-cluster.ts';
import { BASE, CHART, EVERYTHING, helm } from './helm.ts';

const NAME = 'uniap-operator';
const NAMESPACE = 'uniap-system';
const RELEASE = [NAME, `--namespace=${NAMESPACE}`] as const;
const DEFINITIONS = (await readdir('crds')).filter((file) => file.endsWith('.yaml')).length;

const cluster = await startFreshCluster();
const folder = await mkdtemp(join(tmpdir(), 'uniap-chart-'));
test.after.always(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

const JOB = {
  apiVersion: 'uniap.dev/v1alpha1',
  kind: 'TrainingJob',
  metadata: { name: 'job', namespace: 'default' },
  spec: {
    model: { preset: 'bert-huge' },
    training: { globalBatchSize: 8 },
    resources: { gpus: 1 },
    template: { image: 'registry.example/trainer:1' },
  },
};

const KINDS = [
  ...['clusterroles', 'clusterrolebindings', 'configmaps', 'deployments', 'networkpolicies', 'poddisruptionbudgets'],
  ...['podmonitors', 'prometheusrules', 'rolebindings', 'roles', 'serviceaccounts', 'servicemonitors', 'services'],
];

/** `KIND/NAME` of what the release has in the cluster besides the definitions. */
async function belongings({ kubectl }: Cluster): Promise<readonly string[]> {
  const ofRelease = '--selector=helm.sh/chart';
  const found = await kubectl(['get', KINDS.join(','), `--namespace=${NAMESPACE}`, ofRelease, '--output=name']);
  return found.trim().split('\n').filter(Boolean).toSorted();
}

async function definitions(): Promise<readonly Definition[]> {
  const list = JSON.parse(await cluster.kubectl(['get', 'crds', '--output=json'])) as { items: readonly Definition[] };
  return list.items.filter(({ spec }) => spec.group === 'uniap.dev');
}

interface Definition {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly group: string };
}

async function image(): Promise<string> {
  return cluster.kubectl([
    'get',
    `deployment/${NAME}`,
    `--namespace=${NAMESPACE}`,
    '--output=jsonpath={.spec.template.spec.containers[0].image}',
  ]);
}

/** Whether the definition of TrainingJob has the field that the chart's next version adds. */
async function hasNewField(): Promise<boolean> {
  return (await cluster.kubectl(['get', 'crd/trainingjobs.uniap.dev', '--output=json'])).includes('"newField"');
}

/** The chart as its next version might be: with a field more. */
async function nextVersion(): Promise<string> {
  const next = join(folder, 'next');
  await promisify(execFile)('cp', ['--recursive', '--dereference', CHART, next]);
  const file = join(next, 'files/crds/uniap.dev_trainingjobs.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(/^( *)properties:\n( *)model:\n/m, '$1properties:\n$2newField:\n$2  type: string\n$2model:\n'),
  );
  const versions = ['--version=0.2.0', '--app-version=0.2.0'];
  const output = await helm(undefined, 'package', next, ...versions, `--destination=${folder}`);
  return output.trim().split(': ').at(-1) ?? '';
}

test.serial('install: everything is there, and its pods start', async (t) => {
  await helm(cluster, 'install', ...RELEASE, CHART, '--create-namespace', ...EVERYTHING, '--wait', '--timeout=100s');
  t.deepEqual(await belongings(cluster), [
    'clusterrole.rbac.authorization.k8s.io/uniap-operator',
    'clusterrole.rbac.authorization.k8s.io/uniap-operator-editor',
    'clusterrole.rbac.authorization.k8s.io/uniap-operator-viewer',
    'clusterrolebinding.rbac.authorization.k8s.io/uniap-operator',
    'configmap/uniap-operator-dashboard-cluster',
    'configmap/uniap-operator-dashboard-job',
    'deployment.apps/uniap-operator',
    'networkpolicy.networking.k8s.io/uniap-operator',
    'poddisruptionbudget.policy/uniap-operator',
    'podmonitor.monitoring.coreos.com/uniap-operator-jobs',
    'prometheusrule.monitoring.coreos.com/uniap-operator',
    'role.rbac.authorization.k8s.io/uniap-operator',
    'rolebinding.rbac.authorization.k8s.io/uniap-operator',
    'service/uniap-operator',
    'serviceaccount/uniap-operator',
    'servicemonitor.monitoring.coreos.com/uniap-operator',
  ]);
  t.is((await definitions()).length, DEFINITIONS);
  for (const { metadata } of await definitions()) t.is(metadata.annotations?.['helm.sh/resource-policy'], 'keep');
  t.is(await image(), 'uniap-operator:0.1.0');
});

test.serial('the pods are fit for a restricted namespace', async (t) => {
  const restricted = 'pod-security.kubernetes.io/enforce=restricted';
  const warnings = ['label', '--dry-run=server', '--overwrite', `namespace/${NAMESPACE}`, restricted];
  const program = join(cluster.programs, 'kubectl');
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const { stderr } = await promisify(execFile)(program, warnings, { env });
  t.is(stderr, ''); // it warns of pods that would be refused
});

test.serial('with the rights of the release the operator works, and `helm test` runs what finds it', async (t) => {
  const operator = await startOperator(cluster, { namespace: 'default' });
  t.teardown(() => operator.stop());
  await waitFor(async () => (await fetch(`${operator.healthUrl}/readyz`)).ok, { describe: 'the operator to be ready' });
  const pod = parse(await helm(cluster, 'get', 'hooks', ...RELEASE)) as V1Pod;
  const [, ...node] = pod.spec?.containers[0]?.command ?? [];
  const [script = '', url] = pod.spec?.containers[0]?.args ?? [];
  t.is(url, 'http://uniap-operator:8080/metrics');
  const run = (at: string) => promisify(execFile)(process.execPath, [...node, script, at]);
  t.regex((await run(operator.metricsUrl)).stdout, /^uniap_build_info\{version="/);
  const answerOfAnother = await t.throwsAsync(run(`${operator.healthUrl}/healthz`));
  t.regex(answerOfAnother.message, /no metrics of the operator: 200/);
});

for (const [outcome, succeeds] of [
  ['Succeeded', true],
  ['Failed', false],
] as const) {
  test.serial(`helm test ends as its pod does: ${outcome}`, async (t) => {
    const testing = helm(cluster, 'test', ...RELEASE, '--timeout=100s').then(
      () => true,
      () => false,
    );
    const annotate = ['annotate', 'pod/uniap-operator-test', `--namespace=${NAMESPACE}`];
    await waitFor(() => cluster.kubectl([...annotate, `test.uniap.dev/outcome=${outcome}`]), {
      describe: 'the pod of helm test',
    });
    t.is(await testing, succeeds);
  });
}

test.serial('the cluster roles view and edit reach jobs, plans and profiles', async (t) => {
  for (const role of ['view', 'edit']) {
    await cluster.kubectl(['create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`]);
  }
  const can = async (user: string, verb: string, resource: string) =>
    (await cluster.kubectl(['auth', 'can-i', verb, `${resource}.uniap.dev`, `--as=${user}`]).catch(() => 'no')).trim();
  await waitFor(async () => (await can('edit', 'create', 'trainingjobs')) === 'yes', {
    describe: 'the cluster roles to be put together',
  });
  for (const [user, verb, resource, answer] of [
    ['view', 'watch', 'trainingjobs', 'yes'],
    ['view', 'get', 'parallelplans', 'yes'],
    ['view', 'create', 'trainingjobs', 'no'],
    ['edit', 'delete', 'trainingjobs', 'yes'],
    ['edit', 'create', 'parallelplans', 'yes'],
    ['edit', 'patch', 'modelprofiles', 'yes'],
    ['edit', 'create', 'hardwareprofiles', 'no'],
  ] as const) {
    t.is(await can(user, verb, resource), answer, `${user} ${verb} ${resource}`);
  }
});

test.serial('upgrade: the definitions too, and jobs stay', async (t) => {
  await cluster.apply([JOB]);
  await helm(cluster, 'upgrade', ...RELEASE, await nextVersion(), '--reuse-values', '--wait', '--timeout=100s');
  t.is(await image(), 'uniap-operator:0.2.0');
  t.true(await hasNewField());
  await cluster.kubectl(['get', 'trainingjob/job']);
});

test.serial('upgrade with less: what is no longer asked for goes', async (t) => {
  await helm(cluster, 'upgrade', ...RELEASE, join(folder, 'uniap-operator-0.2.0.tgz'), '--reset-values', '--wait');
  const left = await belongings(cluster);
  t.deepEqual(
    left.filter((name) => /monitor|rule\.|dashboard|networkpolicy|poddisruption/.test(name)),
    [],
  );
  t.is(left.length, 9);
});

test.serial('rollback: to what was first installed, definitions and all', async (t) => {
  await helm(cluster, 'rollback', ...RELEASE.slice(0, 1), '1', ...RELEASE.slice(1), '--wait', '--timeout=100s');
  t.is(await image(), 'uniap-operator:0.1.0');
  t.false(await hasNewField());
  t.is((await belongings(cluster)).length, 16);
  await cluster.kubectl(['get', 'trainingjob/job']);
});

test.serial('uninstall: nothing is left but the definitions and jobs', async (t) => {
  await helm(cluster, 'uninstall', ...RELEASE, '--wait', '--timeout=100s');
  t.deepEqual(await belongings(cluster), []);
  t.is((await definitions()).length, DEFINITIONS);
  await cluster.kubectl(['get', 'trainingjob/job']);
});

test.serial('install again: the definitions that were kept are taken over', async (t) => {
  await helm(cluster, 'install', ...RELEASE, CHART);
  await cluster.kubectl(['get', 'trainingjob/job']);
  await helm(cluster, 'uninstall', ...RELEASE, '--wait');
  const other = ['other', '--namespace=other', CHART, '--create-namespace'];
  const error = await t.throwsAsync(helm(cluster, 'install', ...other));
  t.regex(error.message, /must equal "other"/); // whose they are
  await helm(cluster, 'install', ...other, '--take-ownership');
  await cluster.kubectl(['get', 'trainingjob/job']);
  await helm(cluster, 'uninstall', 'other', '--namespace=other', '--wait');
});

test.serial('uninstall of a release that does not keep them: they go, and the jobs with them', async (t) => {
  await helm(cluster, 'install', ...RELEASE, CHART, '--set=crds.keep=false', '--take-ownership');
  await helm(cluster, 'uninstall', ...RELEASE, '--wait', '--timeout=100s');
  t.deepEqual(await definitions(), []);
});

test.serial('kustomize: applied, applied again, deleted', async (t) => {
  const { kubectl } = cluster;
  const apply = ['apply', '--server-side', `--kustomize=${BASE}`];
  t.regex(await kubectl(apply), /deployment.apps\/uniap-operator serverside-applied/);
  await kubectl(apply);
  const status = ['rollout', 'status', `--namespace=${NAMESPACE}`, `deployment/${NAME}`, '--timeout=100s'];
  t.regex(await kubectl(status), /successfully rolled out/);
  await kubectl(['delete', `--kustomize=${BASE}`, '--timeout=100s']);
  t.deepEqual(await definitions(), []);
});
