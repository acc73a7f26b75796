/** Jobs are planned from what was measured, which the operator sees to. */
import test from 'ava';
import { ANNOTATION, API_VERSION, LABEL } from '../../src/api/group.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { operatorForTests, Site } from './harness.ts';

const cluster = await sharedCluster();
const { namespace } = await operatorForTests(test, cluster);

/** Of the harness's job of two equal layers. */
function modelProfile(name: string) {
  const times = [16, 32].map((samples) => ({ samples, forwardSeconds: '0.5', backwardSeconds: '1' }));
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProfile',
    metadata: { name, namespace },
    spec: {
      provenance: { tool: 'a tool' },
      model: 'custom layers',
      precision: 'BF16',
      layers: [{ names: ['block'], parameters: 1_000_000, times }],
    },
  };
}

/** Of two nodes of eight A100, as measured in a namespace. */
function hardwareProfile(name: string, measuredIn?: string) {
  const times = [1024, 2 ** 30].map((bytes) => ({ bytes, seconds: '0.25' }));
  const collectives = [{ operation: 'AllReduce', size: 16, membersPerNode: 8, times }];
  return {
    apiVersion: API_VERSION,
    kind: 'HardwareProfile',
    metadata: { name, ...(measuredIn !== undefined && { labels: { [LABEL.measuredIn]: measuredIn } }) },
    spec: { provenance: { tool: 'a tool', device: 'A100-SXM-40GB' }, ranks: 16, ranksPerNode: 8, collectives },
  };
}

test.serial('a job is planned from profiles that somebody applied, and says so', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'measured', nodes: 2 });
  const [ofModel, ofHardware] = [modelProfile('by-hand'), hardwareProfile(`${namespace}-by-hand`)];
  await cluster.apply([ofModel, ofHardware]);
  t.teardown(() => cluster.kubectl(['delete', 'hardwareprofile', `${namespace}-by-hand`]));
  await site.submit({ planning: { dataDegree: 16 } });
  await site.reaches('Running', 'PodsRunning');
  const [plan] = await site.plans();
  t.like(plan?.metadata.annotations, {
    [ANNOTATION.modelProfile]: 'by-hand',
    [ANNOTATION.hardwareProfile]: `${namespace}-by-hand`,
  });
  t.regex(plan?.spec.predicted?.figures ?? '', /seconds of block/);
  t.regex(plan?.spec.predicted?.figures ?? '', /measured: .*exchanges in replica groups of 16/);
  await site.kubectl('delete', 'modelprofile', 'by-hand');
});

test.serial(
  'what pods of another namespace measured of the hardware is not used, nor anything where profile is Never',
  async (t) => {
    const site = await Site.open(t, cluster, { namespace, name: 'wary', nodes: 2 });
    const foreign = hardwareProfile(`${namespace}-foreign`, 'another-namespace');
    await cluster.apply([foreign, modelProfile('ours')]);
    t.teardown(() => cluster.kubectl(['delete', 'hardwareprofile', foreign.metadata.name]));
    await site.submit({ planning: { dataDegree: 16, profile: 'Never' } });
    await site.reaches('Running', 'PodsRunning');
    const [plan] = await site.plans();
    t.is(plan?.spec.predicted?.figures, undefined);
    await site.patch({ runPolicy: { suspend: true } });
    await site.reaches('Suspended', 'SuspendRequested');
    await site.patch({ runPolicy: { suspend: false }, planning: { profile: 'Auto' } });
    await site.reaches('Running', 'PodsRunning');
    const annotations = (await site.plans()).at(-1)?.metadata.annotations ?? {};
    t.is(annotations[ANNOTATION.modelProfile], 'ours');
    t.false(ANNOTATION.hardwareProfile in annotations);
  },
);
