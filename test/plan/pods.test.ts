import type { V1Pod } from '@kubernetes/client-node';
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { TrainingJobSpec } from '../../src/api/training-job.ts';
import { buildConfigMap } from '../../src/plan/config-map.ts';
import { planEnvironment } from '../../src/plan/environment.ts';
import type { GroupsAnnotation, GroupsOfRanks } from '../../src/plan/groups-annotation.ts';
import { membersOf, shardGroup, tensorGroup } from '../../src/plan/groups.ts';
import { buildManifests } from '../../src/plan/manifests.ts';
import { buildPod, buildPods } from '../../src/plan/pods.ts';
import { buildService } from '../../src/plan/service.ts';
import { matchesGolden } from './golden.ts';
import { aGang, aJob, aJobSpec, aPlan, aRun, aTemplate, nodesFor } from './builders.ts';

function yamlOf(objects: readonly object[]): string {
  const options = { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false };
  return objects.map((object) => stringify(object, options)).join('---\n');
}

/** What an engine does with the annotation, as docs/annotations.md tells it. */
function groupsOf(pod: V1Pod | undefined): GroupsAnnotation {
  return JSON.parse(pod?.metadata?.annotations?.['uniap.dev/groups'] ?? '{}') as GroupsAnnotation;
}

function listed({ size, stride, starts }: GroupsOfRanks): number[][] {
  return starts.map((start) => Array.from({ length: size }, (_, index) => start + index * stride));
}

/** Everything that a template can say. */
const template = aTemplate({
  labels: { team: 'research' },
  annotations: { 'example.com/owner': 'research' },
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [{ name: 'registry' }],
  command: ['torchrun'],
  args: ['train.py', '--data=/data'],
  workingDir: '/workspace',
  env: [
    { name: 'NCCL_DEBUG', value: 'INFO' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } } },
  ],
  envFrom: [{ configMapRef: { name: 'settings' } }],
  requests: { cpu: '64', memory: '512Gi' },
  limits: { memory: '1Ti' },
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'dataset' } }],
  volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
  serviceAccountName: 'trainer',
  priorityClassName: 'high',
  schedulerName: 'gang-scheduler',
  terminationGracePeriodSeconds: 300,
});

test('objects of a plan of two stages with four strategies, on nodes with RDMA', async (t) => {
  const job = aJob({
    spec: aJobSpec({
      template,
      resources: {
        gpus: 16,
        nodeSelector: {},
        tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'training', effect: 'NoSchedule' }],
      },
    }),
  });
  const gang = aGang({ job, plan: aPlan({ rdma: { resource: 'rdma/ib', quantity: 8 } }) });
  await matchesGolden(t, 'two-stages.yaml', yamlOf(buildManifests(gang, { model_type: 'llama' })));
});

test('the pod of a job that says as little as it may', async (t) => {
  await matchesGolden(t, 'least.yaml', yamlOf([buildPod(aGang(), 0)]));
});

test('the rendezvous address is the first pod under the Service, in every pod', (t) => {
  const gang = aGang();
  const { metadata } = buildService(gang.job);
  const { spec } = buildPod(gang, 0);
  t.is(spec?.subdomain, metadata?.name);
  for (const nodeRank of [0, 1]) {
    const address = planEnvironment(gang, nodeRank).find(({ name }) => name === 'PET_MASTER_ADDR');
    t.is(address?.value, `${String(spec?.hostname)}.${String(metadata?.name)}`);
  }
});

test('the Service selects the pods of its job and of no other', (t) => {
  const gang = aGang();
  const selector = Object.entries(buildService(gang.job).spec?.selector ?? {});
  const selects = (labels: Record<string, string> = {}) => selector.every(([key, value]) => labels[key] === value);
  t.true(buildPods(gang).every((pod) => selects(pod.metadata?.labels)));
  const namesake = aGang({ job: aJob({ uid: '00000000-0000-4000-8000-000000000000' }) });
  t.false(buildPods(namesake).some((pod) => selects(pod.metadata?.labels)));
});

test('a model given by its layers is handed over as it was given', (t) => {
  const layers = [
    {
      name: 'block',
      count: 4,
      parameters: 10,
      forwardFlops: 20,
      savedElements: 30,
      outputElements: 40,
      tensorDegrees: [1, 2],
      tensorElements: 0,
    },
  ];
  const gang = aGang({ job: aJob({ spec: aJobSpec({ model: { layers } }) }) });
  t.deepEqual(JSON.parse(buildConfigMap(gang, null).data?.['config.json'] ?? ''), { layers });
});

test('a preset is handed over as its config.json', (t) => {
  const gang = aGang({ job: aJob({ spec: aJobSpec({ model: { preset: 'llama-2-7b' } }) }) });
  const config: unknown = JSON.parse(buildConfigMap(gang, null).data?.['config.json'] ?? '');
  t.like(config, { model_type: 'llama', hidden_size: 4096, num_hidden_layers: 32 });
});

test('pods are told the sequence length that a job leaves to its model', (t) => {
  const trainingOf = (training: Partial<TrainingJobSpec['training']>, model = aJobSpec().model): unknown => {
    const spec = aJobSpec({
      model,
      training: { globalBatchSize: 64, precision: 'BF16', optimizer: 'AdamW', ...training },
    });
    return JSON.parse(buildConfigMap(aGang({ job: aJob({ spec }) }), null).data?.['training.json'] ?? '');
  };
  t.like(trainingOf({}), { globalBatchSize: 64, sequenceLength: 4096 });
  t.like(trainingOf({ sequenceLength: 512 }), { sequenceLength: 512 });
  t.false('sequenceLength' in Object(trainingOf({}, { preset: 'vit-huge' })));
});

test('groups.json says what the groups are', (t) => {
  const plan = aPlan();
  for (const [nodeRank, pod] of buildPods(aGang({ plan })).entries()) {
    const { stages } = groupsOf(pod);
    t.deepEqual(
      stages.map(({ stage }) => stage),
      [nodeRank],
    );
    for (const { ranks, runs } of stages) {
      t.deepEqual(ranks, nodeRank === 0 ? [0, 1, 2, 3, 4, 5, 6, 7] : [8, 9, 10, 11, 12, 13, 14, 15]);
      for (const [index, run] of runs.entries()) {
        const planned = plan.stages[nodeRank]?.layers[index] ?? aRun();
        t.deepEqual(run.layers, [planned.first, planned.last]);
        t.deepEqual(
          listed(run.tensor),
          ranks.map((rank) => membersOf(tensorGroup(plan, planned, rank))),
        );
        t.deepEqual(
          listed(run.fsdp),
          ranks.map((rank) => membersOf(shardGroup(plan, planned, rank))),
        );
      }
    }
  }
});

test('the example of docs/annotations.md is real', async (t) => {
  const page = await readFile(join(import.meta.dirname, '../../docs/annotations.md'), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  t.deepEqual(JSON.parse(example), groupsOf(buildPod(aGang(), 1)));
});

test('a pod that serves several stages says the groups of each', (t) => {
  const plan = aPlan({ nodes: [{ name: 'big', gpus: 16 }] });
  const [pod] = buildPods(aGang({ plan }));
  t.is(pod?.metadata?.annotations?.['uniap.dev/pipeline-ranks'], '0,1');
  const { stages } = groupsOf(pod);
  t.deepEqual(
    stages.map(({ stage, ranks, runs }) => [stage, ranks.length, runs.length]),
    [
      [0, 8, 2],
      [1, 8, 2],
    ],
  );
});

test('the annotations of Llama 3.1 405B on 16,384 GPUs stay far below the 256 KiB that the API server takes', (t) => {
  const sizes = { oneStage: worstSize(1, 8), sixteenStages: worstSize(16, 8), oneStageOnNodesOf64: worstSize(1, 64) };
  t.log(sizes);
  t.true(Math.max(...Object.values(sizes)) < 256 * 1024);
});

/** Bytes of a pod's annotations where no two neighbouring layers have one strategy, so that each is a run of its own. */
function worstSize(stages: number, gpusPerNode: number): number {
  const gpus = 16384;
  const ofStage = 128 / stages; // 126 blocks, embedding and head
  const runOf = (layer: number) => {
    const tensor = layer % 2 === 0 ? 8 : 4;
    return aRun({ first: layer, last: layer, tensor, shards: gpus / stages / tensor, sequenceParallel: true });
  };
  const plan = aPlan({
    gpus,
    stages: Array.from({ length: stages }, (_, stage) => ({
      layers: Array.from({ length: ofStage }, (__, index) => runOf(stage * ofStage + index)),
    })),
    nodes: nodesFor(gpus, gpusPerNode),
  });
  const pod = buildPod(aGang({ plan }), gpus / gpusPerNode - 1);
  const sizes = Object.entries(pod.metadata?.annotations ?? {}).map(([key, value]) => key.length + value.length);
  return sizes.reduce((sum, each) => sum + each, 0);
}
