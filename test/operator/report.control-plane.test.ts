import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import test from 'ava';
import { sharedCluster } from '../cluster/cluster.ts';
import { operatorForTests, Site } from './harness.ts';

const cluster = await sharedCluster();
const { namespace, operator } = await operatorForTests(test, cluster);
const origin = new URL(operator.metricsUrl).origin;

function report(job: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${origin}/jobs/${namespace}/${job}/report`, init);
}

/** The answer to a request that `fetch` would not make. */
async function requested(target: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n`);
  return readText(socket);
}

test('the report of a job shows the plan that is recorded, and may load nothing', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'shown', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  const response = await report('shown');
  t.is(response.status, 200);
  t.is(response.headers.get('content-type'), 'text/html; charset=utf-8');
  t.is(response.headers.get('x-content-type-options'), 'nosniff');
  t.regex(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; .*; frame-ancestors 'none'$/);
  const page = await response.text();
  const [plan] = await site.plans();
  for (const part of [
    '<h1>shown</h1>',
    plan?.spec.parallelism ?? '',
    'shown-node-0',
    'id="timeline"',
    'the best plan',
  ]) {
    t.true(page.includes(part), part);
  }
  const head = await report('shown', { method: 'HEAD' });
  t.is(head.status, 200);
  t.is(await head.text(), '');
});

test('where there is nothing to show, it says why', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'waits', nodes: 0 });
  await site.submit();
  await site.reaches('Planned', 'NotEnoughGPUs');
  const cases = [
    [`/jobs/${namespace}/waits/report`, 404, 'TrainingJob waits has no plan'],
    [`/jobs/${namespace}/nobody/report`, 404, `there is no TrainingJob nobody in namespace ${namespace}`],
    ['/jobs/elsewhere/waits/report', 404, 'there is no TrainingJob waits in namespace elsewhere'],
    ['/jobs/report', 404, 'not found'],
  ] as const;
  for (const [path, status, says] of cases) {
    const response = await fetch(`${origin}${path}`);
    t.is(response.status, status, path);
    t.is((await response.text()).trim(), says);
  }
  t.is((await report('waits', { method: 'POST' })).status, 405);
  t.regex(await requested('//'), /^HTTP\/1\.1 404 /, 'what is no address is answered, and does no harm');
});

test('a node of the plan that has gone is named', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'loses', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  await cluster.kubectl(['delete', 'node', 'loses-node-1']);
  const response = await report('loses');
  t.is(response.status, 409);
  t.is((await response.text()).trim(), 'node loses-node-1 of the plan is no longer in the cluster');
});
