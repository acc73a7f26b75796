import { randomBytes } from 'node:crypto';
import test from 'ava';
import { LABEL } from '../../src/api/group.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { install, type RunningOperator, Site, startOperator } from './harness.ts';

const cluster = await sharedCluster();
await install(cluster);
const namespace = `restart-${randomBytes(3).toString('hex')}`;
await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);

/** The operator of this file: one at a time, as a Deployment of one replica has it. */
let operator: RunningOperator | undefined;

async function start(): Promise<void> {
  operator = await startOperator(cluster, { namespace });
}

async function kill(): Promise<void> {
  await operator?.kill();
}

test.afterEach.always(async (t) => {
  if (!t.passed) for (const entry of operator?.log ?? []) t.log(JSON.stringify(entry));
  await operator?.stop();
});

test.after.always(() => cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']));

/** What one gang looks like: two pods of one attempt, a plan, a Service, a ConfigMap. */
async function oneGang(site: Site): Promise<boolean> {
  const { name } = site;
  const expected = [
    `ParallelPlan ${name}-1`,
    `ConfigMap ${name}-1`,
    `Service ${name}`,
    `Pod ${name}-0`,
    `Pod ${name}-1`,
  ];
  return JSON.stringify(await site.belongings()) === JSON.stringify(expected);
}

test.serial('killed at whatever point on the way to running, it goes on without duplicates', async (t) => {
  const points = [
    (site: Site) => site.reaches('Planned', 'Solving'),
    (site: Site) => site.reaches('Planned', 'Solved'),
    (site: Site) => site.waitFor('its start', ({ status }) => status?.startTime !== undefined),
    (site: Site) => site.reaches('Running', 'PodsRunning'),
  ];
  for (const [index, point] of points.entries()) {
    await start();
    const site = await Site.open(t, cluster, { namespace, name: `killed-${index}`, nodes: 2 });
    await site.submit();
    await point(site).catch((error: unknown) => {
      // It may be past the point before anybody looks.
      if (!String(error).includes('"Running"')) throw error;
    });
    await kill();
    const before = await site.pods();
    await start();
    const running = await site.reaches('Running', 'PodsRunning');
    t.like(running.status, { restarts: 0, plan: { revision: 1 } });
    t.true(await oneGang(site), `killed at point ${index}`);
    const after = new Set((await site.pods()).map(({ metadata }) => metadata.uid));
    t.true(
      before.every(({ metadata }) => after.has(metadata.uid)),
      'pods that were there stay',
    );
    await operator?.stop();
  }
});

test.serial('a failure while no operator runs is counted once', async (t) => {
  await start();
  const site = await Site.open(t, cluster, { namespace, name: 'orphan', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  await kill();
  await site.end('Failed', 'orphan-1');
  await start();
  await site.waitFor('its second attempt', ({ status }) => status?.restarts === 1 && status.state === 'Running');
  t.true(await oneGang(site));
  t.true((await site.pods()).every(({ metadata }) => metadata.labels?.[LABEL.attempt] === '1'));
});

test.serial('killed between a failure and the next attempt, it makes one new gang', async (t) => {
  await start();
  const site = await Site.open(t, cluster, { namespace, name: 'halfway', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  await site.end('Failed', 'halfway-0');
  await site.waitFor('its restart', ({ status }) => status?.restarts === 1);
  await kill();
  await start();
  await site.waitFor('its second attempt', ({ status }) => status?.restarts === 1 && status.state === 'Running');
  t.true(await oneGang(site));
});
