import test from 'ava';
import { API_VERSION } from '../../src/api/group.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { messageOf, operatorForTests, Site, SMALL_LAYER } from './harness.ts';

const cluster = await sharedCluster();
const { namespace } = await operatorForTests(test, cluster);

/** A Llama of four small layers. */
const TINY_LLAMA = {
  model_type: 'llama',
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  vocab_size: 1024,
  max_position_embeddings: 128,
};

test('a job waits for GPUs, says for how many and why, and starts when a node comes', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'waits', nodes: 1 });
  await site.submit();
  const waiting = await site.reaches('Planned', 'NotEnoughGPUs');
  t.regex(messageOf(waiting, 'Planned'), /needs 16 GPUs of one kind, at most 8 free/);
  t.like(waiting.status, { state: 'NotEnoughGPUs' });
  await site.addNodes(1, 'late');
  await site.reaches('Running', 'PodsRunning');
});

test('a job that waits starts when another gives its GPUs back', async (t) => {
  const first = await Site.open(t, cluster, { namespace, name: 'first', nodes: 2 });
  await first.submit();
  await first.reaches('Running', 'PodsRunning');
  const second = await Site.open(t, cluster, { namespace, name: 'second', nodes: 0 });
  await second.submit({ resources: { nodeSelector: first.job().spec.resources.nodeSelector } });
  const waiting = await second.reaches('Planned', 'NotEnoughGPUs');
  t.regex(messageOf(waiting, 'Planned'), /all GPUs in use/);
  await first.end('Succeeded');
  await second.reaches('Running', 'PodsRunning');
});

test('of jobs that want the same GPUs at once, as many run as fit, and none by half', async (t) => {
  const pool = await Site.open(t, cluster, { namespace, name: 'pool', nodes: 4 });
  const { nodeSelector } = pool.job().spec.resources;
  const names = ['race-a', 'race-b', 'race-c', 'race-d', 'race-e'];
  const sites = await Promise.all(names.map((name) => Site.open(t, cluster, { namespace, name, nodes: 0 })));
  await cluster.apply(sites.map((site) => site.job({ resources: { nodeSelector } })));
  const settled = await Promise.all(
    sites.map((site) =>
      site.waitFor('Running or NotEnoughGPUs', ({ status }) =>
        ['Running', 'NotEnoughGPUs'].includes(status?.state ?? ''),
      ),
    ),
  );
  t.is(settled.filter(({ status }) => status?.state === 'Running').length, 2);
  const pods = (await Promise.all(sites.map((site) => site.pods()))).filter((each) => each.length > 0);
  t.deepEqual(
    pods.map((each) => each.length),
    [2, 2],
  );
  t.is(new Set(pods.flat().map(({ spec }) => spec.nodeName)).size, 4);
});

test('a model in a ConfigMap is waited for', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'mapped', nodes: 2 });
  await site.submit({ model: { configMap: { name: 'tiny-llama' } }, training: { sequenceLength: 64 } });
  const waiting = await site.reaches('Planned', 'NotFound');
  t.regex(messageOf(waiting, 'Planned'), /spec.model.configMap: there is no ConfigMap tiny-llama in namespace/);
  await site.kubectl('create', 'configmap', 'tiny-llama', `--from-literal=config.json=${JSON.stringify(TINY_LLAMA)}`);
  await site.reaches('Running', 'PodsRunning');
  const given = await site.kubectl('get', 'configmap', 'mapped-1', '-o=jsonpath={.data.config\\.json}');
  t.deepEqual(JSON.parse(given), TINY_LLAMA);
});

test("a user's own plan is checked, completed and run", async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'own', nodes: 2 });
  await site.submit({ planning: { planName: 'mine' } });
  await site.reaches('Planned', 'NotFound');
  await cluster.apply([aPlan(site.namespace, 'mine', { replicas: 16 })]);
  const running = await site.reaches('Running', 'PodsRunning');
  t.regex(messageOf(running, 'Planned'), /Revision 1: dp16.* supplied by spec.planning.planName and checked/);
  t.like(running.status, { plan: { name: 'own-1' } });
});

test("a user's own plan that does not fit the job is refused", async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'misfit', nodes: 2 });
  await cluster.apply([aPlan(site.namespace, 'wrong', { replicas: 16, globalBatchSize: 64 })]);
  await site.submit({ planning: { planName: 'wrong' } });
  const refused = await site.reaches('Planned', 'PlanRefused');
  t.regex(messageOf(refused, 'Planned'), /global batch of 64 samples, and the job one of 32/);
  await site.kubectl('delete', 'parallelplan', 'wrong');
  await cluster.apply([aPlan(site.namespace, 'wrong', { replicas: 16 })]);
  await site.reaches('Running', 'PodsRunning');
});

function aPlan(
  planNamespace: string,
  name: string,
  { replicas, globalBatchSize = 32 }: { readonly replicas: number; readonly globalBatchSize?: number },
) {
  const layers = [{ first: 0, last: SMALL_LAYER.count - 1, replicas }];
  const spec = { globalBatchSize, microBatches: 1, gpus: 16, stages: [{ layers }] };
  return { apiVersion: API_VERSION, kind: 'ParallelPlan', metadata: { name, namespace: planNamespace }, spec };
}

// Bad jobs say what is wrong and what would work.

test('a ConfigMap without the key', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'keyless', nodes: 2 });
  await site.kubectl('create', 'configmap', 'keyless-model', '--from-literal=model.json={}');
  await site.submit({ model: { configMap: { name: 'keyless-model' } } });
  const refused = await site.reaches('Planned', 'NotFound');
  t.regex(messageOf(refused, 'Planned'), /ConfigMap keyless-model has no key config.json; it has model.json/);
});

test('a ConfigMap that holds no JSON', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'garbled', nodes: 2 });
  await site.kubectl('create', 'configmap', 'garbled-model', '--from-literal=config.json={');
  await site.submit({ model: { configMap: { name: 'garbled-model' } } });
  const refused = await site.reaches('Planned', 'InvalidJob');
  t.regex(messageOf(refused, 'Planned'), /key config.json of ConfigMap garbled-model: not JSON/);
  const data = { 'config.json': JSON.stringify(TINY_LLAMA) };
  await site.kubectl('patch', 'configmap', 'garbled-model', '--type=merge', '-p', JSON.stringify({ data }));
  await site.reaches('Running', 'PodsRunning');
});

test('a model of an unknown family', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'unknown', nodes: 2 });
  await site.submit({ model: { config: { ...TINY_LLAMA, model_type: 'lama' } } });
  const refused = await site.reaches('Planned', 'InvalidJob');
  t.regex(messageOf(refused, 'Planned'), /lama.*llama/);
});

test('a tensor degree that the heads cannot be split by', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'uneven', nodes: 2 });
  await site.submit({ model: { config: TINY_LLAMA }, planning: { tensorDegree: 16 } });
  const refused = await site.reaches('Planned', 'InvalidJob');
  t.regex(messageOf(refused, 'Planned'), /16/);
});

test('a model that fits into no GPU', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'huge', nodes: 2 });
  const layer = { ...SMALL_LAYER, parameters: 500_000_000_000 };
  await site.submit({ model: { layers: [layer] } });
  const refused = await site.reaches('Planned', 'NoPlanFits');
  t.regex(messageOf(refused, 'Planned'), /the leanest needs .* too much on each GPU of stage 0/);
});

test('an object of somebody else is not taken over', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'taken', nodes: 2 });
  await site.kubectl('create', 'service', 'clusterip', 'taken', '--tcp=80');
  await site.submit();
  const refused = await site.reaches('Running', 'ObjectsRefused');
  t.regex(messageOf(refused, 'Running'), /Service taken is there already and is not this job's/);
  await site.kubectl('delete', 'service', 'taken');
  await site.reaches('Running', 'PodsRunning');
});

test('what a quota refuses is said, and done when the quota allows it', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'limited', nodes: 2 });
  const priority = `${namespace}-limited`;
  await cluster.apply([
    Object.assign(
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: priority } },
      { value: 1 },
    ),
  ]);
  t.teardown(() => cluster.kubectl(['delete', 'priorityclass', priority]));
  await cluster.apply([quota(site.namespace, priority, 1)]);
  await site.submit({ template: { priorityClassName: priority } });
  const refused = await site.reaches('Running', 'ObjectsRefused');
  t.regex(messageOf(refused, 'Running'), /Pod limited-[01] was refused: .*exceeded quota/);
  await cluster.apply([quota(site.namespace, priority, 2)]);
  await site.reaches('Running', 'PodsRunning');
});

/** Limits the pods of one priority class, so that other tests in the namespace do not count. */
function quota(ofNamespace: string, priority: string, pods: number) {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: priority, namespace: ofNamespace },
    spec: {
      hard: { pods: String(pods) },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [priority] }] },
    },
  };
}
