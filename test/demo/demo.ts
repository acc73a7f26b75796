/**
 * `make demo`: a TrainingJob from `kubectl apply` to its end, for real on one machine: the API server and scheduler, the
 * operator, pods that train a small Llama on the machine's cores, and Prometheus. Everything ends with it, on Ctrl-C too.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { invariant } from '../../src/api/errors.ts';
import { readParallelPlan } from '../../src/api/document.ts';
import { parseTrainingJob } from '../../src/api/parse.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { startAgent } from '../cluster/agent/agent.ts';
import { cpuNodes } from '../cluster/agent/node.ts';
import { runtimeImage } from '../cluster/agent/runtime.ts';
import { buildPrometheus } from '../cluster/build.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { interruption } from '../cluster/interruption.ts';
import { startPrometheus } from '../cluster/prometheus.ts';
import { scraping } from '../end-to-end/scraping.ts';
import { compare } from './compare.ts';
import { followConditions } from './follow-conditions.ts';
import { followLog } from './follow-log.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { step } from './step.ts';

const JOB = 'llama-cpu';

const signal = interruption();
try {
  await using cleanUp = new AsyncDisposableStack();
  await demo(cleanUp);
} catch (error) {
  if (!signal.aborted) throw error;
  console.log('\nInterrupted; everything is cleaned up.');
  process.exitCode = 130;
}

async function demo(cleanUp: AsyncDisposableStack): Promise<void> {
  const cluster = await step('Starting etcd, the API server, the controller manager and the scheduler', () =>
    startControlPlane({ signal }),
  );
  cleanUp.defer(cluster.stop);
  await step('Adding 2 nodes of 2 “GPUs” each, which are cores of this machine', async () => {
    const nodes = cpuNodes({ count: 2, prefix: 'cpu', gpus: 2 });
    const agent = await startAgent(cluster, { nodes, environment: runtimeImage });
    cleanUp.defer(agent.stop);
  });
  const operator = await step('Installing the custom resources, and starting the operator', () => install(cluster));
  cleanUp.defer(() => operator.stop());
  const prometheus = await step('Starting Prometheus, which scrapes the operator and the pods', () =>
    startPrometheus(scraping({ operator: operator.metrics, kubeconfig: cluster.kubeconfig }), signal),
  );
  cleanUp.defer(prometheus.stop);

  await show(cluster, ['get', 'nodes']);
  await show(cluster, ['apply', '-f', `examples/${JOB}.yaml`]);
  await Promise.race([operator.failed, train(cluster, operator)]);
  await showResult(cluster, prometheus.url);
  if (process.stdin.isTTY) await holdOpen();
}

/** As an administrator does; the operator then has its own service account's rights and no others. */
async function install(cluster: ControlPlane): Promise<OperatorProcess> {
  await cluster.kubectl(['apply', '--server-side', '-f', 'crds']);
  await cluster.kubectl(['create', 'namespace', 'uniap-system']);
  await cluster.kubectl(['apply', '--server-side', '-f', 'deploy/base/rbac.yaml']);
  return startOperator(await cluster.kubeconfigFor({ namespace: 'uniap-system', name: 'uniap-operator' }));
}

/** Prints what happens to the job until it has succeeded: conditions as they change, its plan, its pods, its losses. */
async function train(cluster: ControlPlane, operator: OperatorProcess): Promise<void> {
  const follow = followConditions(cluster, JOB, signal);
  await follow('Planned');
  console.log(`\n${describePlan((await planOf(cluster)).spec)}`);
  await follow('Running');
  await show(cluster, ['get', 'pods', '-o', 'wide', '-l', `uniap.dev/job=${JOB}`]);
  console.log(`\nA page about the plan: http://${operator.metrics}/jobs/default/${JOB}/report`);
  console.log(`\n$ kubectl logs --follow ${JOB}-0     # the first steps, and every tenth`);
  await followLog(cluster, `${JOB}-0`, signal);
  await follow('Succeeded');
}

async function showResult(cluster: ControlPlane, prometheus: string): Promise<void> {
  const job = parseTrainingJob(JSON.parse(await cluster.kubectl(['get', 'trainingjob', JOB, '-o', 'json'])));
  const { actual } = job.status ?? {};
  invariant(actual !== undefined, 'the operator reads figures of a training of a minute');
  console.log(`\nPlanned and actual, from the job’s plan and status (the mean of ${actual.steps} steps):\n`);
  console.log(compare((await planOf(cluster)).spec, actual));
  console.log('\nThe same as Prometheus has it, with equal labels:');
  const series = `{__name__=~"uniap_job_(planned|actual)_.*", job="${JOB}"}`;
  await ask(prometheus, `last_over_time(${series}[10m])`);
  await ask(prometheus, `last_over_time((uniap_job_actual_step_seconds / uniap_job_planned_step_seconds)[10m:1s])`);
  await show(cluster, ['get', 'trainingjob', JOB, '-o', 'wide']);
  await show(cluster, ['get', 'events', `--field-selector=involvedObject.kind=TrainingJob,involvedObject.name=${JOB}`]);
}

async function planOf(cluster: ControlPlane) {
  const name = `${JOB}-1`;
  return readParallelPlan(await cluster.kubectl(['get', 'parallelplan', name, '-o', 'yaml']), name);
}

/** Prints what Prometheus's own tool says. */
async function ask(prometheus: string, expression: string): Promise<void> {
  const promtool = join(await buildPrometheus(signal), 'promtool');
  const { stdout } = await promisify(execFile)(promtool, ['query', 'instant', prometheus, expression]);
  console.log(`\n$ promtool query instant ${prometheus} '${expression}'\n${stdout.trimEnd()}`);
}

async function show({ kubectl }: ControlPlane, args: readonly string[]): Promise<void> {
  console.log(`\n$ kubectl ${args.join(' ')}`);
  console.log((await kubectl(args)).trimEnd());
}

/** The pages are there as long as the operator and Prometheus are. */
async function holdOpen(): Promise<void> {
  console.log('\nThe page about the plan and Prometheus stay until you press Enter.');
  process.stdin.resume();
  await once(process.stdin, 'data', { signal });
  process.stdin.pause();
}
