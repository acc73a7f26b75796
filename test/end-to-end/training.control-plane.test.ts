import { join } from 'node:path';
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import type { TrainingJob } from '../../src/operator/kubernetes/custom-resources.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { type Agent, startAgent } from '../cluster/agent/agent.ts';
import { cpuNodes } from '../cluster/agent/node.ts';
import { runtimeImage } from '../cluster/agent/runtime.ts';
import { startPrometheus } from '../cluster/prometheus.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { messageOf, NODE_LABEL, operatorForTests, Site } from '../operator/harness.ts';
import { type Progress, progressOf, readLog } from './progress.ts';
import { scraping } from './scraping.ts';

const cluster = await sharedCluster();
const api = cluster.config.makeApiClient(CoreV1Api);
const { namespace, operator } = await operatorForTests(test, cluster);

/** Each start of the ranks imports PyTorch, on a machine that may be busy with other tests. */
const PATIENCE = { timeout: 300_000 };
const NAME = 'llama';
const NOTHING: Progress = { step: 0, loss: Infinity };

const MODEL = {
  model_type: 'llama',
  vocab_size: 256,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
};

/** A job of four ranks, two on a node. */
function job(steps: number) {
  return {
    model: { config: MODEL },
    training: { globalBatchSize: 8, sequenceLength: 32, precision: 'FP32' as const },
    resources: { gpus: 4 },
    planning: { profile: 'Never' as const },
    template: {
      image: 'uniap-runtime',
      command: ['uniap-runtime', 'train'],
      args: [
        `--steps=${steps}`,
        '--learning-rate=0.01',
        '--warm-up=10',
        '--checkpoints=/kept',
        '--checkpoint-every=10',
      ],
      terminationGracePeriodSeconds: 120,
      volumes: [{ name: 'kept', hostPath: { path: `/${namespace}` } }],
      volumeMounts: [{ name: 'kept', mountPath: '/kept' }],
    },
  };
}

/** Three nodes of two ranks each, one to spare. */
async function open(t: ExecutionContext) {
  const site = await Site.open(t, cluster, { namespace, name: NAME, nodes: 0 });
  const labels = { [NODE_LABEL]: `${namespace}.${NAME}` };
  const nodes = cpuNodes({ count: 3, prefix: namespace, gpus: 2, labels });
  const agent = await startAgent(cluster, { nodes, environment: runtimeImage });
  t.teardown(agent.stop);
  return { site, agent, training: new Training(agent) };
}

/** What is read of the pods of the job. */
class Training {
  readonly #agent: Agent;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  async pods(): Promise<readonly V1Pod[]> {
    return (await api.listNamespacedPod({ namespace, labelSelector: `uniap.dev/job=${NAME}` })).items;
  }

  async nodeOf(nodeRank: number): Promise<string> {
    const { spec } = await api.readNamespacedPod({ namespace, name: `${NAME}-${nodeRank}` });
    return spec?.nodeName ?? '';
  }

  /** The pod on whose rank 0 the losses are printed. */
  async first(): Promise<V1Pod> {
    return api.readNamespacedPod({ namespace, name: `${NAME}-0` });
  }

  async log(pod: V1Pod): Promise<string> {
    return readLog(join(this.#agent.podFolder(pod), 'trainer.log'));
  }

  /** Waits until the pods that run now have done a step of this number. */
  async reaches(step: number): Promise<readonly Progress[]> {
    const done = async () => {
      const steps = progressOf(await this.log(await this.first()));
      return (steps.at(-1)?.step ?? 0) >= step && steps;
    };
    return waitFor(done, { describe: `step ${step} to be done`, ...PATIENCE });
  }
}

test('a job trains, loses a node, goes on from its checkpoint by another plan, and succeeds', async (t) => {
  t.timeout(1_200_000);
  const { site, agent, training } = await open(t);
  const { host } = new URL(operator.metricsUrl);
  const prometheus = await startPrometheus(scraping({ operator: host, kubeconfig: cluster.kubeconfig }));
  t.teardown(prometheus.stop);

  await site.submit(job(1_000_000));
  await site.waitFor('Running', ({ status }) => status?.state === 'Running', PATIENCE.timeout);
  const beginning = await training.reaches(50);
  const [first = NOTHING, later = NOTHING] = [beginning[0], beginning[49]];
  t.true(later.loss < first.loss - 0.5, 'the losses fall');

  // Prometheus has both, with equal labels: else a division has no result.
  const ratio = await waitFor(() => prometheus.one('uniap_job_actual_step_seconds / uniap_job_planned_step_seconds'), {
    describe: 'planned and actual step time in Prometheus',
    ...PATIENCE,
  });
  t.log(`actual over planned step time, by Prometheus: ${JSON.stringify(ratio)}`);
  t.like(ratio.metric, { namespace, job: NAME });
  const ofJob = `{namespace="${namespace}",job="${NAME}"}`;
  const ranks = await prometheus.one(`count(uniap_runtime_step_seconds_count${ofJob})`);
  t.is(ranks.value, 4);

  const lost = await training.nodeOf(1);
  await agent.killNode(lost);
  const isStuck = (each: TrainingJob) => messageOf(each, 'Running').includes(`No answer from ${lost}`);
  const waiting = await site.waitFor('waiting for the lost pod', isStuck, PATIENCE.timeout);
  t.log(messageOf(waiting, 'Running'));
  t.like(waiting.status, { restarts: 1, plan: { revision: 1 } });
  await cluster.kubectl(['taint', 'node', lost, 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute']);
  const isReplanned = ({ status }: TrainingJob) => status?.plan?.revision === 2 && status.state === 'Running';
  await site.waitFor('another plan', isReplanned, PATIENCE.timeout);
  t.false([await training.nodeOf(0), await training.nodeOf(1)].includes(lost));
  const [continued = NOTHING] = await training.reaches(1);
  const kept = continued.step - 1;
  t.log(`goes on after step ${kept}: loss ${continued.loss}, at first ${first.loss}`);
  t.true(kept >= 50 && kept % 10 === 0, `continues from the checkpoint of step ${kept}`);
  t.true(continued.loss < first.loss - 0.5, 'nothing is forgotten');

  // Asked to end, it writes a checkpoint of the step that it is at; so the last steps can be told.
  const asked = await training.first();
  await site.patch({ runPolicy: { suspend: true } });
  await waitFor(async () => (await training.pods()).length === 0, { describe: 'the pods to end', ...PATIENCE });
  const { step: done } = progressOf(await training.log(asked)).at(-1) ?? NOTHING;
  await site.patch({ runPolicy: { suspend: false }, template: job(done + 5).template });
  await site.waitFor('Succeeded', ({ status }) => status?.state === 'Succeeded', PATIENCE.timeout);
  const last = progressOf(await training.log(await training.first()));
  t.deepEqual(
    last.map(({ step }) => step - done),
    [1, 2, 3, 4, 5],
  );
  const events = await site.events();
  for (const event of events.filter((each) => !each.startsWith('FailedToUpdate'))) t.log(event); // no endpoints on loopback
});
