/**
 * `make demo`: a TrainingJob from `kubectl apply` to annotated pods, on a real API server with simulated GPU nodes.
 * Everything it starts ends with it, on Ctrl-C too.
 */
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { interruption } from '../cluster/interruption.ts';
import { gpuNodes } from '../cluster/nodes/gpu-nodes.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { readParallelPlan } from '../../src/api/document.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { startOperator } from './operator-process.ts';
import { followConditions } from './follow-conditions.ts';
import { printPod } from './print-pod.ts';
import { step } from './step.ts';

const JOB = 'llama-2-7b';
const JOB_FILE = `examples/${JOB}.yaml`;
const PODS = 2;

const signal = interruption();
try {
  await using cleanUp = new AsyncDisposableStack();
  const controlPlane = await step('Starting etcd, the API server, the controller manager, the scheduler and kwok', () =>
    startControlPlane({ signal }),
  );
  cleanUp.defer(() => controlPlane.stop());
  await demo(controlPlane, cleanUp);
} catch (error) {
  if (!signal.aborted) throw error;
  console.log('\nInterrupted; everything is cleaned up.');
  process.exitCode = 130;
}

async function demo(cluster: ControlPlane, cleanUp: AsyncDisposableStack): Promise<void> {
  await step('Adding 4 DGX H100 nodes with InfiniBand', () =>
    cluster.apply(gpuNodes('dgx-h100', { count: 4, prefix: 'dgx' })),
  );
  await step('Installing the custom resources and the operator’s rights', async () => {
    await cluster.kubectl(['apply', '--server-side', '-f', 'crds']);
    await cluster.kubectl(['create', 'namespace', 'uniap-system']);
    await cluster.kubectl(['apply', '--server-side', '-f', 'deploy/base/rbac.yaml']);
  });
  const operator = await step('Starting the operator as its own service account', async () =>
    startOperator(await cluster.kubeconfigFor({ namespace: 'uniap-system', name: 'uniap-operator' })),
  );
  cleanUp.defer(() => operator.stop());

  await show(cluster, ['get', 'nodes', '-L', 'nvidia.com/gpu.product', '-L', 'network.topology.nvidia.com/leaf']);
  await show(cluster, ['apply', '-f', JOB_FILE]);
  const follow = followConditions(cluster, JOB, signal);
  await Promise.race([operator.failed, followToRunning(cluster, follow)]);

  await show(cluster, ['get', 'trainingjobs,parallelplans,pods,services,configmaps', '-l', `uniap.dev/job=${JOB}`]);
  await show(cluster, ['get', 'trainingjob', JOB, '-o', 'wide']);
  console.log('\nThe pods train; the simulation lets them succeed.');
  await cluster.kubectl(['annotate', 'pods', '-l', `uniap.dev/job=${JOB}`, 'test.uniap.dev/outcome=Succeeded']);
  await Promise.race([operator.failed, follow('Succeeded')]);
  await show(cluster, ['get', 'trainingjob', JOB]);
  await show(cluster, ['get', 'events', '--field-selector', `involvedObject.name=${JOB}`]);
}

/** Prints what happens to the job until its pods run: the conditions as they change, the plan, the pods as they come. */
async function followToRunning(cluster: ControlPlane, follow: (type: string) => Promise<void>): Promise<void> {
  await follow('Planned');
  const text = await cluster.kubectl(['get', 'parallelplan', `${JOB}-1`, '-o', 'yaml']);
  console.log(`\n${describePlan(readParallelPlan(text, `${JOB}-1`).spec)}`);
  for (let rank = 0; rank < PODS; rank++) {
    const name = `${JOB}-${rank}`;
    await waitFor(() => cluster.kubectl(['get', 'pod', name, '-o', 'name']), { describe: `pod ${name}`, signal });
    printPod(await cluster.kubectl(['get', 'pod', name, '-o', 'json']));
  }
  await follow('Running');
}

async function show({ kubectl }: ControlPlane, args: readonly string[]): Promise<void> {
  console.log(`\n$ kubectl ${args.join(' ')}`);
  console.log((await kubectl(args)).trimEnd());
}
