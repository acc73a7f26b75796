import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { sharedCluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { messageOf, operatorForTests, Site } from './harness.ts';

const cluster = await sharedCluster();
const { namespace, operator } = await operatorForTests(test, cluster);

/** Where pods say that they are, on this machine alone. */
const ADDRESS = '127.0.0.9';

/** Serves the figures of a rank that does ten steps of two seconds between one question and the next. */
async function serveFigures(t: ExecutionContext): Promise<number> {
  let steps = 0;
  const server = createServer((_, response) => {
    steps += 10;
    response.end(`uniap_runtime_step_seconds_count{stage="0",rank="0"} ${steps}
uniap_runtime_step_seconds_sum{stage="0",rank="0"} ${2 * steps}
uniap_runtime_peak_memory_bytes{stage="0",rank="0"} 1e9
`);
  });
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // of a server that listens on TCP
}

test('what pods say of their steps is in status and metrics beside the plan, and later plans learn of it', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'drifts', nodes: 2 });
  const port = await serveFigures(t);
  await site.submit({ monitoring: { port, driftSeconds: 0 } });
  await site.reaches('Running', 'PodsRunning');
  const status = JSON.stringify({ status: { podIP: ADDRESS, podIPs: [{ ip: ADDRESS }] } });
  for (const { metadata } of await site.pods()) {
    await site.kubectl('patch', 'pod', metadata.name, '--subresource=status', '--type=merge', '-p', status);
  }
  const slower = await site.reaches('PlanDrift', 'MoreMemoryThanPlanned');
  t.like(slower.status?.actual, { stepSeconds: '2', samplesPerSecond: '16', memoryBytes: 1e9, revision: 1 });
  t.true(Number(slower.status?.actual?.stepRatio) > 1);
  t.regex(messageOf(slower, 'PlanDrift'), /^A step takes 2\.00 s, .* GPUs of stage 0 need up to 954 MiB/);
  const metrics = await (await fetch(operator.metricsUrl)).text();
  const labels = `namespace="${namespace}",job="drifts"`;
  for (const line of [
    `uniap_job_actual_step_seconds{${labels}} 2`,
    `uniap_job_actual_samples_per_second{${labels}} 16`,
    `uniap_job_actual_memory_bytes{${labels},stage="0"} 1000000000`,
  ]) {
    t.true(metrics.includes(line), line);
  }
  t.regex(metrics, new RegExp(`uniap_job_planned_step_seconds{${labels}} `));

  await site.end('Succeeded');
  await site.reaches('Succeeded', 'PodsSucceeded');
  const runs = await waitFor(
    async () => site.kubectl('get', 'modelprofiles', '-o=jsonpath={.items[*].spec.corrections.runs[*].plan}'),
    { describe: 'the run to be kept' },
  );
  t.is(runs, `${namespace}/drifts-1`);
  t.false(JSON.stringify(operator.log).includes('Forbidden'), 'the shipped role allows all that the operator does');
});
