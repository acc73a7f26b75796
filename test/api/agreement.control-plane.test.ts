/** What our parser takes and refuses, fills in and says is what the real API server does. */
import { ApiException, CustomObjectsApi } from '@kubernetes/client-node';
import test from 'ava';
import { GROUP, VERSION } from '../../src/api/group.ts';
import { parseTrainingJob } from '../../src/api/parse.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { testNamespace } from '../cluster/namespace.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { JOB_CASES, jobDocument } from './job-cases.ts';

const cluster = await sharedCluster();
const api = cluster.config.makeApiClient(CustomObjectsApi);
const jobs = { group: GROUP, version: VERSION, plural: 'trainingjobs' } as const;

test.before(async () => {
  await cluster.kubectl(['apply', '--server-side', '-f', 'crds/']);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', 'crds/']);
});

/** What the API server would store, or its words of refusal. */
async function dryRun(document: object): Promise<{ readonly stored: unknown } | { readonly refusal: string }> {
  const request = { ...jobs, namespace: 'default', body: document, dryRun: 'All', fieldValidation: 'Strict' };
  try {
    const stored: unknown = await api.createNamespacedCustomObject(request);
    return { stored };
  } catch (error) {
    if (!(error instanceof ApiException)) throw error;
    const { message } = JSON.parse(String(error.body)) as { readonly message: string };
    return { refusal: message };
  }
}

for (const { name, changes, refused, saidByBoth } of JOB_CASES) {
  test(`the API server ${refused ? 'refuses' : 'takes'} ${name}`, async (t) => {
    const document = jobDocument(changes);
    const answer = await dryRun(document);
    if (refused === undefined) {
      t.true('stored' in answer, JSON.stringify(answer));
      const { spec } = parseTrainingJob(document);
      t.deepEqual(parseTrainingJob('stored' in answer ? answer.stored : null).spec, spec);
      return;
    }
    t.true('refusal' in answer);
    if (saidByBoth === undefined || 'stored' in answer) return;
    for (const said of Object.values(refused)) t.true(answer.refusal.includes(said), answer.refusal);
  });
}

const QUANTITIES = [
  -1,
  0,
  '5.',
  '.5',
  '.',
  '+',
  '-1',
  '+1k',
  '1K',
  '1ki',
  '1Ki',
  '1E',
  '1Ei',
  '1e3',
  '1e',
  '1e-3',
  '1m',
  '1n',
  '1 Gi',
  '0x1',
  '',
];

for (const quantity of QUANTITIES) {
  test(`both judge ${JSON.stringify(quantity)} as a quantity alike`, async (t) => {
    const document = jobDocument({ 'spec.template.sharedMemory': quantity });
    const answer = await dryRun(document);
    t.is(isGood(document), 'stored' in answer);
  });
}

function isGood(document: object): boolean {
  try {
    parseTrainingJob(document);
    return true;
  } catch {
    return false;
  }
}

test('the API server fills in what the parser fills in', async (t) => {
  const answer = await dryRun(jobDocument());
  t.like(answer, { stored: { spec: parseTrainingJob(jobDocument()).spec } });
});

test('a job stays as it was planned until it is suspended', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const kubectl = (...args: string[]) => cluster.kubectl([...args, `--namespace=${namespace}`]);
  const patch = (change: object, ...args: string[]) =>
    kubectl('patch', 'trainingjob', 'llama', '--type=merge', `--patch=${JSON.stringify(change)}`, ...args);
  const config = { model_type: 'llama', layers: { count: 32 } };
  await cluster.apply([jobDocument({ 'metadata.namespace': namespace, 'spec.model': { config } })]);

  await t.notThrowsAsync(patch({ spec: { resources: { gpus: 8 } } }), 'before there is a plan');

  const plan = { name: 'llama-1', revision: 1, digest: '0', parallelism: 'pp2', pipelineDegree: 2, microBatches: 4 };
  await patch({ status: { plan } }, '--subresource=status');
  const changes: readonly (readonly [string, object])[] = [
    ['model', { model: { config: { layers: { count: 40 } } } }],
    ['training', { training: { globalBatchSize: 128 } }],
    ['resources', { resources: { gpus: 16 } }],
    ['template', { template: { image: 'other' } }],
    ['planning.tensorDegree', { planning: { tensorDegree: 2 } }],
    ['planning.planName', { planning: { planName: 'mine' } }],
    ['planning.schedule', { planning: { schedule: 'GPipe' } }],
    ['planning.relativeGap', { planning: { relativeGap: '0.1' } }],
  ];
  for (const [field, spec] of changes) {
    const error = await t.throwsAsync(patch({ spec }), undefined, field);
    t.regex(error.message, new RegExp(`spec.${field}: .*set runPolicy.suspend to true before changing ${field}`));
  }
  await t.notThrowsAsync(patch({ spec: { planning: { review: true, approvedRevision: 1 } } }), 'approval');
  await t.notThrowsAsync(patch({ spec: { runPolicy: { suspend: true } } }), 'suspension');
  await t.notThrowsAsync(
    patch({ spec: { runPolicy: { suspend: false }, resources: { gpus: 16 } } }),
    'while suspended',
  );
});

test('a plan cannot be changed', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const stages = [{ layers: [{ first: 0, last: 3 }] }];
  const plan = {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ParallelPlan',
    metadata: { name: 'mine', namespace },
    spec: { globalBatchSize: 64, microBatches: 8, gpus: 2, stages },
  };
  await cluster.apply([plan]);
  const patch = ['patch', 'parallelplan', 'mine', `--namespace=${namespace}`, '--type=merge'];
  const error = await t.throwsAsync(cluster.kubectl([...patch, '--patch={"spec":{"microBatches":4}}']));
  t.regex(error.message, /a ParallelPlan cannot be changed; make another/);
  await t.notThrowsAsync(cluster.kubectl([...patch, '--patch={"metadata":{"labels":{"team":"a"}}}']));
});

test('kubectl explains fields and prints columns', async (t) => {
  // The server publishes the schema for explain some time after it serves the resource.
  const explain = () => cluster.kubectl(['explain', 'trainingjob.spec.planning']);
  const explained = await waitFor(explain, { describe: 'kubectl explain to know TrainingJob' });
  t.regex(explained, /Limits on what the planner may choose/);
  const namespace = await testNamespace(t, cluster);
  await cluster.apply([jobDocument({ 'metadata.namespace': namespace })]);
  const table = await cluster.kubectl(['get', 'tj', '--output=wide', `--namespace=${namespace}`]);
  t.regex(
    table,
    /^NAME +GPUS +PLAN +STEP SECONDS +ACTUAL\/PLANNED +STATE +AGE +SAMPLES\/S +GAP +PODS +READY +RESTARTS/,
  );
  t.regex(table, /\nllama +16 /);
  t.regex(await cluster.kubectl(['get', 'all', `--namespace=${namespace}`]), /trainingjob.uniap.dev\/llama/);
});
