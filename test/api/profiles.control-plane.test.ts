/** What our parser takes and refuses of measured profiles is what the real API server does. */
import test from 'ava';
import { sharedCluster } from '../cluster/cluster.ts';
import { testNamespace } from '../cluster/namespace.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { hardwareProfile, modelProfile, PROFILE_CASES } from './profile-cases.ts';

const cluster = await sharedCluster();

test.before(async () => {
  await cluster.kubectl(['apply', '--server-side', '-f', 'crds/']);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', 'crds/']);
});

const dryRun = (document: object) =>
  cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], JSON.stringify(document));

for (const { name, document, refused, saidByBoth } of PROFILE_CASES) {
  test(`the API server ${refused ? 'refuses' : 'takes'} ${name}`, async (t) => {
    if (refused === undefined) {
      await t.notThrowsAsync(dryRun(document));
      return;
    }
    const { message } = await t.throwsAsync(dryRun(document));
    if (saidByBoth !== true) return;
    for (const said of Object.values(refused)) t.true(message.includes(said), message);
  });
}

test('they are measured anew in place', async (t) => {
  const namespace = await testNamespace(t, cluster);
  const apply = (precision: string) =>
    cluster.apply([{ ...modelProfile({ precision }), metadata: { name: 'llama', namespace } }]);
  await apply('BF16');
  await t.notThrowsAsync(apply('FP16'));
});

test('kubectl explains them and prints columns', async (t) => {
  const explain = () => cluster.kubectl(['explain', 'hardwareprofile.spec.collectives']);
  const explained = await waitFor(explain, { describe: 'kubectl explain to know HardwareProfile' });
  t.regex(explained, /A collective among groups that fill the ranks, all at once/);
  const namespace = await testNamespace(t, cluster);
  const links = { ...hardwareProfile({ ranks: 16, ranksPerNode: 8 }), metadata: { name: namespace } };
  await cluster.apply([{ ...modelProfile(), metadata: { name: 'llama', namespace } }, links]);
  t.teardown(() => cluster.kubectl(['delete', 'hardwareprofile', namespace]));
  const ofModels = await cluster.kubectl(['get', 'mprof', `--namespace=${namespace}`, '--output=wide']);
  t.regex(ofModels, /^NAME +MODEL +DEVICE +PRECISION +TOKENS +MEASURED +TOOL +DRIVER +TORCH +IMAGE/);
  t.regex(ofModels, /\nllama +llama-2-7b +A100-SXM-80GB +BF16 .* a tool 1.0 +550.54.15 +2.15.0 +x:1/);
  const ofHardware = await cluster.kubectl(['get', 'hwprof', namespace]);
  t.regex(ofHardware, /^NAME +DEVICE +RANKS +PER NODE +NODE LINK +NETWORK +MEASURED\n\S+ +A100-SXM-80GB +16 +8 /);
});
