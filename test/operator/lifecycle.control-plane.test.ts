import test from 'ava';
import { LABEL } from '../../src/api/group.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { messageOf, operatorForTests, Site } from './harness.ts';

const cluster = await sharedCluster();
const { namespace, operator } = await operatorForTests(test, cluster);

async function metrics(): Promise<string> {
  return (await fetch(operator.metricsUrl)).text();
}

async function podsGone(site: Site): Promise<void> {
  await waitFor(async () => (await site.pods()).length === 0, { describe: `the pods of ${site.name} to go` });
}

test('a job is planned, runs and succeeds', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'trains', nodes: 2 });
  await site.submit();
  const running = await site.reaches('Running', 'PodsRunning');
  t.regex(messageOf(running, 'Planned'), /^Revision 1: .*; proved best\.$/);
  t.like(running.status, { state: 'Running', restarts: 0, plan: { name: 'trains-1', revision: 1 } });
  t.is(running.status?.observedGeneration, running.metadata.generation);
  t.deepEqual(
    (await site.pods()).map(({ metadata, spec }) => [metadata.name, spec.nodeName]),
    [
      ['trains-0', 'trains-node-0'],
      ['trains-1', 'trains-node-1'],
    ],
  );
  const [plan] = await site.plans();
  t.true(Number(plan?.spec.proof?.relativeGap) <= 1e-6);
  t.deepEqual(await site.belongings(), [
    'ParallelPlan trains-1',
    'ConfigMap trains-1',
    'Service trains',
    'Pod trains-0',
    'Pod trains-1',
  ]);
  t.regex(await metrics(), new RegExp(`uniap_job_planned_step_seconds{namespace="${namespace}",job="trains"} [0-9.]+`));
  t.is((await fetch(`${operator.healthUrl}/readyz`)).status, 200);
  t.is((await fetch(`${operator.healthUrl}/healthz`)).status, 200);

  await site.end('Succeeded');
  const succeeded = await site.reaches('Succeeded', 'PodsSucceeded');
  t.like(succeeded.status, { state: 'Succeeded', pods: { desired: 2, succeeded: 2, ready: 0, failed: 0 } });
  t.truthy(succeeded.status?.completionTime);
  const reasons = (await site.events()).map((event) => event.split(':')[0]);
  for (const reason of ['Solving', 'Solved', 'PodsRunning']) t.true(reasons.includes(reason), reason);
  t.false(JSON.stringify(operator.log).includes('Forbidden'), 'the shipped role allows all that the operator does');
});

test('a deleted job leaves nothing behind, in the cluster or in the metrics', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'goes', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  t.regex(await metrics(), /job="goes"/);
  await site.kubectl('delete', 'trainingjob', 'goes');
  await waitFor(async () => (await site.belongings()).length === 0, { describe: 'all that the job owned to go' });
  await waitFor(async () => !(await metrics()).includes('job="goes"'), { describe: 'its metrics to go' });
});

test('a failed pod restarts the whole gang, until there were too many', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'fails', nodes: 2 });
  await site.submit({ runPolicy: { backoffLimit: 1 } });
  await site.reaches('Running', 'PodsRunning');
  const first = await site.pods();
  const words = ['test.uniap.dev/exit-code=137', 'test.uniap.dev/message=CUDA out of memory'];
  await site.end('Failed', 'fails-1', ...words);
  await site.waitFor('its second attempt', ({ status }) => status?.restarts === 1 && status.state === 'Running');
  const second = await site.pods();
  t.deepEqual(
    second.map(({ metadata }) => [metadata.name, metadata.labels?.[LABEL.attempt]]),
    [
      ['fails-0', '1'],
      ['fails-1', '1'],
    ],
  );
  t.is(new Set([...first, ...second].map(({ metadata }) => metadata.uid)).size, 4);

  await site.end('Failed', 'fails-0', 'test.uniap.dev/exit-code=2');
  const failed = await site.reaches('Failed', 'BackoffLimitExceeded');
  t.regex(messageOf(failed, 'Failed'), /1 of 1 restarts: pod fails-0 on node fails-node-0 failed: exit code 2/);
  const left = await waitFor(
    async () => {
      const pods = await site.pods();
      return pods.length === 1 && pods;
    },
    { describe: 'the pod that still ran to be removed' },
  );
  t.is(left[0]?.metadata.name, 'fails-0');
  const restart =
    'Restarting: Restart 1 of 1: pod fails-1 on node fails-node-1 failed: exit code 137: CUDA out of memory';
  await waitFor(async () => (await site.events()).includes(restart), { describe: `the event ${restart}` });
});

test('a pod that is deleted by hand restarts the gang too', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'robbed', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  await site.kubectl('delete', 'pod', 'robbed-0');
  await site.waitFor('its second attempt', ({ status }) => status?.restarts === 1 && status.state === 'Running');
  t.true((await site.pods()).every(({ metadata }) => metadata.labels?.[LABEL.attempt] === '1'));
});

test('a suspended job gives its pods back, keeps its plan and goes on', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'rests', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  await site.patch({ runPolicy: { suspend: true } });
  await site.reaches('Suspended', 'SuspendRequested');
  await podsGone(site);
  await site.patch({ runPolicy: { suspend: false } });
  const resumed = await site.reaches('Running', 'PodsRunning');
  t.like(resumed.status, { restarts: 0, plan: { revision: 1 } });
});

test('a job that is edited while it is suspended is planned again', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'changes', nodes: 2 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  const refusal = await t.throwsAsync(site.patch({ training: { globalBatchSize: 64 } }));
  t.regex(refusal.message, /set runPolicy.suspend to true before changing training/);
  await site.patch({ runPolicy: { suspend: true } });
  await site.reaches('Suspended', 'SuspendRequested');
  await site.patch({ training: { globalBatchSize: 64 }, runPolicy: { suspend: false } });
  const resumed = await site.reaches('Running', 'PodsRunning');
  t.like(resumed.status, { plan: { name: 'changes-2', revision: 2 } });
  t.is((await site.pods())[0]?.metadata.labels?.[LABEL.planRevision], '2');
});

test('a job that resumes where its nodes cannot be used is planned on others', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'moves', nodes: 3 });
  await site.submit();
  await site.reaches('Running', 'PodsRunning');
  const lost = (await site.pods())[0]?.spec.nodeName ?? '';
  await site.patch({ runPolicy: { suspend: true } });
  await podsGone(site);
  await cluster.kubectl(['cordon', lost]);
  await site.patch({ runPolicy: { suspend: false } });
  const resumed = await site.reaches('Running', 'PodsRunning');
  t.like(resumed.status, { plan: { revision: 2 } });
  t.false((await site.pods()).some(({ spec }) => spec.nodeName === lost));
});

test('a plan to be reviewed waits for its approval', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'asks', nodes: 2 });
  await site.submit({ planning: { review: true } });
  const waiting = await site.reaches('Running', 'AwaitingApproval');
  t.regex(messageOf(waiting, 'Running'), /ParallelPlan asks-1, then set spec.planning.approvedRevision to 1/);
  t.deepEqual(await site.pods(), []);
  await site.patch({ planning: { approvedRevision: 1 } });
  await site.reaches('Running', 'PodsRunning');
});

test('a finished job is deleted when its time to live is over', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'expires', nodes: 2 });
  await site.submit({ runPolicy: { ttlSecondsAfterFinished: 1 } });
  await site.reaches('Running', 'PodsRunning');
  await site.end('Succeeded');
  await waitFor(async () => (await site.read()) === undefined, { describe: 'the job to go' });
  await waitFor(async () => (await site.belongings()).length === 0, { describe: 'all that it owned to go' });
  t.pass();
});

test('a job that is active for too long fails', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'dawdles', nodes: 2 });
  await site.submit({ runPolicy: { activeDeadlineSeconds: 2 } });
  const failed = await site.reaches('Failed', 'DeadlineExceeded');
  t.like(failed.status, { state: 'Failed', restarts: 0 });
  await podsGone(site);
});
