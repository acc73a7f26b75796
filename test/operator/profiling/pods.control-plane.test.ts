/** The operator has pods measure what no profile is of, and plans from what they answer. Pods run for real, on agent's nodes. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { parseAllDocuments } from 'yaml';
import { ANNOTATION, LABEL } from '../../../src/api/group.ts';
import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import { startAgent } from '../../cluster/agent/agent.ts';
import { cpuNodes } from '../../cluster/agent/node.ts';
import { sharedCluster } from '../../cluster/cluster.ts';
import { waitFor } from '../../cluster/wait-for.ts';
import { messageOf, NODE_LABEL, operatorForTests, Site } from '../harness.ts';

const cluster = await sharedCluster();
const { namespace } = await operatorForTests(test, cluster);

/** Programs start slowly on a machine that is busy with other tests. Milliseconds. */
const PATIENCE = 300_000;

const MODEL = {
  model_type: 'llama',
  vocab_size: 256,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 32,
};

/** A site of two nodes of two ranks, on which the stand-in for the runtime is installed. */
async function open(t: ExecutionContext, name: string): Promise<Site> {
  const site = await Site.open(t, cluster, { namespace, name, nodes: 0, patience: PATIENCE });
  const programs = await mkdtemp(join(tmpdir(), 'uniap-programs-'));
  t.teardown(() => rm(programs, { recursive: true }));
  const standIn = join(import.meta.dirname, 'stand-in-runtime.ts');
  await writeFile(join(programs, 'uniap-runtime'), `#!/bin/sh\nexec node ${standIn} "$@"\n`, { mode: 0o755 });
  const labels = { [NODE_LABEL]: `${namespace}.${name}` };
  const agent = await startAgent(cluster, {
    nodes: cpuNodes({ count: 2, prefix: `${namespace}-${name}`, gpus: 2, labels }),
    environment: (address) => ({
      PATH: [programs, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
      UNIAP_METRICS_ADDRESS: address,
    }),
  });
  t.teardown(agent.stop);
  return site;
}

type Planning = Partial<TrainingJobSpec['planning']>;

/** @param figures - What pods measure: see the stand-in. */
function job(figures: string, image: string, planning: Planning = {}) {
  return {
    model: { config: MODEL },
    training: { globalBatchSize: 8, sequenceLength: 32, precision: 'FP32' as const },
    resources: { gpus: 4 },
    planning: { dataDegree: 4, ...planning },
    template: { image, command: ['uniap-runtime', 'train'], env: [{ name: 'FIGURES', value: figures }] },
  };
}

async function profilingPods(site: Site): Promise<string> {
  return site.kubectl('get', 'pods', '-l', `${LABEL.job}=${site.name},${LABEL.profiling}`, '-o=name');
}

async function profileNames(kind: string, image: string): Promise<readonly string[]> {
  const template = '-o=jsonpath={range .items[*]}{.metadata.name} {.spec.provenance.image}{"\\n"}{end}';
  const lines = (await cluster.kubectl(['get', kind, '--all-namespaces', template])).split('\n');
  return lines.filter((line) => line.endsWith(` ${image}`)).map((line) => line.split(' ')[0] ?? '');
}

/** Images are the tests' own, so that none plans from another's profiles. */
const imageOf = (name: string) => `${namespace}/${name}`;

test.serial(
  'a job is measured on the nodes that it will get, then planned from that, and so is the next',
  async (t) => {
    t.timeout(PATIENCE);
    const site = await open(t, 'measured');
    const image = imageOf('measured');
    await site.submit(job('good', image));
    const running = await site.reaches('Running', 'PodsRunning');
    t.like(running.status?.profiling, { observedGeneration: 1, failure: undefined });
    t.truthy(running.status?.profiling?.completionTime);
    const names = await keptNames(t, image);
    const [plan] = await site.plans();
    t.like(plan?.metadata.annotations, names);
    t.regex(plan?.spec.predicted?.figures ?? '', /measured: .*seconds of block/);
    t.is(await profilingPods(site), '');
    t.true(
      (await site.events()).some((event) => event.startsWith('Profiling: Measuring on 4 EPYC-7763-core of 2 nodes')),
    );

    await site.kubectl('delete', 'trainingjob', site.name);
    const spec = job('none', image); // which would never answer
    await site.submit(spec);
    const again = await site.reaches('Running', 'PodsRunning');
    t.is(again.status?.profiling, undefined);
    t.like((await site.plans())[0]?.metadata.annotations, names);
  },
);

/** The profiles that were measured in an image, as annotations of a plan name them, after a look at what they say. */
async function keptNames(t: ExecutionContext, image: string) {
  const [modelProfile = ''] = await profileNames('mprof', image);
  const [hardwareProfile = ''] = await profileNames('hwprof', image);
  t.teardown(() => cluster.kubectl(['delete', 'hwprof', hardwareProfile]));
  const links = await cluster.kubectl(['get', 'hwprof', hardwareProfile, '--show-labels']);
  t.regex(links, /EPYC-7763-core +4 +2 +PCIe +Ethernet/);
  t.true(links.includes(`${LABEL.measuredIn}=${namespace}`));
  return { [ANNOTATION.modelProfile]: modelProfile, [ANNOTATION.hardwareProfile]: hardwareProfile };
}

test.serial(
  'a job that cannot be measured is planned from the catalogue and says why; one that must be is not',
  async (t) => {
    t.timeout(PATIENCE);
    const site = await open(t, 'broken');
    await site.submit(job('broken', imageOf('broken')));
    const running = await site.reaches('Running', 'PodsRunning');
    const why = /pod broken-p0 on node \S+ failed: exit code 64/;
    t.regex(messageOf(running, 'Planned'), /proved best; from the catalogue's figures, since measuring failed: /);
    t.regex(messageOf(running, 'Planned'), why);
    await site.patch({ runPolicy: { suspend: true } });
    await site.reaches('Suspended', 'SuspendRequested');
    await site.patch({ runPolicy: { suspend: false }, planning: { profile: 'Required' } });
    const failed = await site.reaches('Planned', 'ProfilingFailed');
    t.regex(messageOf(failed, 'Planned'), why);
    t.is(failed.status?.state, 'ProfilingFailed');
    await waitFor(async () => (await profilingPods(site)) === '', {
      describe: 'pods that measured to go',
      timeout: PATIENCE,
    });
  },
);

test.serial('what a pod answers is believed of nothing that it cannot know, nor if it is no profile', async (t) => {
  t.timeout(PATIENCE);
  const site = await open(t, 'garbled');
  await site.submit(job('garbled', imageOf('garbled')));
  const running = await site.reaches('Running', 'PodsRunning');
  t.regex(messageOf(running, 'Planned'), /what the pods have measured cannot be read: .*apiVersion: required/);
  t.deepEqual(await profileNames('mprof', imageOf('garbled')), []);
});

test.serial('a job that is suspended while it is measured gives its GPUs back', async (t) => {
  t.timeout(PATIENCE);
  const site = await open(t, 'stopped');
  await site.submit(job('none', imageOf('stopped')));
  const measuring = await site.waitFor('pods that measure to run', ({ status }) =>
    status?.conditions?.some(({ reason, message }) => reason === 'Profiling' && message.includes('2 of 2 pods run')),
  );
  t.is(measuring.status?.state, 'Profiling');
  t.regex(
    messageOf(measuring, 'Planned'),
    /Measuring on 4 EPYC-7763-core of 2 nodes, since .* and no HardwareProfile is of/,
  );
  await site.patch({ runPolicy: { suspend: true } });
  await waitFor(async () => (await profilingPods(site)) === '', {
    describe: 'pods that measured to go',
    timeout: PATIENCE,
  });
  t.is((await site.read())?.status?.profiling, undefined);
});

test.serial(
  'a job whose container does not run the runtime is left alone, and planned only if it need not be measured',
  async (t) => {
    t.timeout(PATIENCE);
    const site = await open(t, 'stranger');
    const spec = job('none', imageOf('stranger'), { profile: 'Required' });
    await site.submit({ ...spec, template: { ...spec.template, command: ['/bin/sleep', '600'] } });
    const refused = await site.reaches('Planned', 'ProfilingFailed');
    t.regex(
      messageOf(refused, 'Planned'),
      /only a container whose command is uniap-runtime can be measured; apply profiles/,
    );
    await site.patch({ planning: { profile: 'Auto' } });
    await site.reaches('Running', 'PodsRunning');
    t.is((await site.read())?.status?.profiling, undefined);
  },
);

test.serial('uniap profile run measures a job that is not there, and leaves nothing', async (t) => {
  t.timeout(PATIENCE);
  const site = await open(t, 'by-hand');
  const folder = await mkdtemp(join(tmpdir(), 'uniap-job-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'job.json');
  await writeFile(file, JSON.stringify(site.job(job('good', imageOf('by-hand')))));
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'profile', 'run', file], { env });
  const [model, hardware] = parseAllDocuments(stdout).map((document) => document.toJS() as object);
  t.like(model, { kind: 'ModelProfile', metadata: { namespace }, spec: { precision: 'FP32', sequenceLength: 32 } });
  t.like(hardware, { kind: 'HardwareProfile', spec: { ranks: 4, ranksPerNode: 2 } });
  const left = () => site.kubectl('get', 'pods,services,configmaps', '-l', `${LABEL.job}=profile-by-hand`, '-o=name');
  await waitFor(async () => (await left()) === '', { describe: 'what it made to go', timeout: PATIENCE });
  t.pass();
});
