import test from 'ava';
import { UserError } from '../../../src/api/errors.ts';
import { LABEL } from '../../../src/api/group.ts';
import { HardwareProfile } from '../../../src/api/hardware-profile.ts';
import { ModelProfile } from '../../../src/api/model-profile.ts';
import { parseResource } from '../../../src/api/parse.ts';
import { hardwareOf } from '../../../src/cost/hardware.ts';
import { readAnswer } from '../../../src/operator/profiling/answer.ts';
import { profilesOf } from '../../../src/operator/profiling/keep.ts';
import { measurementOf } from '../../../src/operator/profiling/measurement.ts';
import { buildProfilingConfigMap, buildProfilingPod } from '../../../src/operator/profiling/pods.ts';
import { modelOf } from '../../../src/plan/job-model.ts';
import { chooseProfiles, modelDigest, placeOf, type Subject } from '../../../src/plan/profile-library.ts';
import { hardwareProfile, modelProfile } from '../../api/profile-cases.ts';
import { anAllocation } from '../../cost/builders.ts';
import { aJob, aJobSpec, aPlan, aTemplate } from '../../plan/builders.ts';
import { NOW } from '../state-builder.ts';

const template = aTemplate({ command: ['uniap-runtime', 'train'], labels: { team: 'a' } });
const job = aJob({ spec: aJobSpec({ template }) });
const CONTEXT = { config: null, now: NOW };

/** The job of two nodes of eight A100, with all of it missing. */
function aMeasurement(drivers: readonly string[] = ['550.54.15', '560.28.03']) {
  const allocation = anAllocation(2, 8, { drivers });
  const model = modelOf(job.spec, null);
  const subject: Subject = { model, training: job.spec.training, allocation, hardware: hardwareOf(allocation) };
  const of = { ...placeOf(subject), modelDigest: modelDigest(model), drivers };
  return { subject, measurement: measurementOf(job, aPlan(), { names: {}, missing: ['no profile'], subject: of }) };
}

const answer = (spec: Readonly<Record<string, unknown>> = {}, parameters = 202_383_360) =>
  JSON.stringify({
    model: modelProfile({ sequenceLength: 4096, ...spec }, { parameters }),
    hardware: hardwareProfile(),
  });

test('what is kept is valid, and is found for the same job on the same GPUs', (t) => {
  const { subject, measurement } = aMeasurement();
  const [ofModel, ofHardware] = profilesOf(measurement, readAnswer(answer()), CONTEXT);
  const model = parseResource(ModelProfile, ofModel);
  const hardware = parseResource(HardwareProfile, ofHardware);
  const stored = { created: '2026-11-24T12:00:00Z' };
  const choice = chooseProfiles(
    {
      models: [{ ...stored, name: model.metadata.name, spec: model.spec }],
      hardware: [{ ...stored, name: hardware.metadata.name, spec: hardware.spec }],
      image: template.image,
    },
    subject,
  );
  t.deepEqual(choice.missing, []);
  t.deepEqual(choice.names, { model: model.metadata.name, hardware: hardware.metadata.name });
  t.regex(model.metadata.name, /^llama-2-7b-a100-sxm-80gb-[0-9a-f]{16}$/);
  t.regex(hardware.metadata.name, /^a100-sxm-80gb-2x8-[0-9a-f]{16}$/);
  t.is(model.metadata.namespace, 'research');
  t.like(hardware.metadata.labels, { [LABEL.measuredIn]: 'research' });
});

test('of what a profile is, the pods are not asked', (t) => {
  const { measurement } = aMeasurement([]);
  const liar = answer({
    model: 'another',
    modelDigest: '0',
    provenance: { tool: 'x', device: 'H100-SXM', image: 'y' },
  });
  const [model] = profilesOf(measurement, readAnswer(liar), CONTEXT);
  t.like(model?.spec, {
    model: 'llama-2-7b',
    modelDigest: measurement.subject.modelDigest,
    provenance: { tool: 'x', device: 'A100-SXM-80GB', image: template.image, date: '2026-11-24T12:00:00.000Z' },
  });
});

test('profiles of two namespaces, drivers or images have two names', (t) => {
  const { measurement } = aMeasurement();
  const elsewhere = { ...measurement, job: aJob({ ...job, namespace: 'other' }) };
  const named = [measurement, elsewhere, aMeasurement(['1']).measurement].map(
    (each) => profilesOf(each, readAnswer(answer()), CONTEXT)[1]?.metadata.name,
  );
  t.is(new Set(named).size, 3);
});

test('figures of another model are refused', (t) => {
  const { measurement } = aMeasurement();
  for (const [wrong, says] of [
    [answer({ precision: 'FP16' }), /measured in FP16/],
    [answer({ sequenceLength: 128 }), /samples of 128 tokens/],
    [answer({}, 1000), /0\.0 million parameters/],
  ] as const) {
    t.throws(() => profilesOf(measurement, readAnswer(wrong), CONTEXT), { instanceOf: UserError, message: says });
  }
});

test('what is no profile is refused in a few words', (t) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const text of ['', '[]', 'null', '{"model": 1}', deep, `{"model": {"spec": {"x": ${deep}}}}`]) {
    const error = t.throws(() => readAnswer(text), { instanceOf: UserError });
    t.true(error.message.startsWith('what the pods have measured cannot be read: '));
    t.true(error.message.length <= 400);
  }
});

test('an answer without layers is refused: it would be asked for again and again', (t) => {
  const { measurement } = aMeasurement();
  const run = { plan: 'a/b-1', date: '2026-11-24T12:00:00Z', steps: 10, stepSeconds: '1', computationSeconds: '1' };
  const runs = [{ ...run, communicationSeconds: '0' }];
  const corrections = { computation: '1', communication: '1', memory: '1', runs };
  t.throws(() => profilesOf(measurement, readAnswer(answer({ layers: [], corrections })), CONTEXT), {
    instanceOf: UserError,
    message: /measured no layer/,
  });
});

test('pods that measure are the ones that will train, but for their name and program', (t) => {
  const { measurement } = aMeasurement();
  const pod = buildProfilingPod(measurement, 0);
  t.like(pod.metadata, {
    name: 'llama-p0',
    labels: { team: 'a', [LABEL.jobUid]: job.uid, [LABEL.profiling]: measurement.id, [LABEL.nodeRank]: '0' },
  });
  t.false(LABEL.planRevision in (pod.metadata?.labels ?? {}));
  t.like(pod.spec, { hostname: 'llama-p0', subdomain: 'llama', restartPolicy: 'Never', activeDeadlineSeconds: 900 });
  t.like(pod.spec?.containers[0], {
    command: ['uniap-runtime', 'profile', '--serve'],
    resources: { limits: { 'nvidia.com/gpu': '8' } },
  });
  const name = buildProfilingConfigMap(measurement, null).metadata?.name;
  t.deepEqual(pod.spec?.volumes?.[0]?.projected?.sources, [{ configMap: { name } }]);
});

test('they are told where to meet, and of no plan', (t) => {
  const container = buildProfilingPod(aMeasurement().measurement, 1).spec?.containers[0];
  const environment = Object.fromEntries(container?.env?.map(({ name, value }) => [name, value]) ?? []);
  t.like(environment, {
    PET_MASTER_ADDR: 'llama-p0.llama',
    PET_NODE_RANK: '1',
    WORLD_SIZE: '16',
    UNIAP_DEVICE: 'A100-SXM-80GB',
    UNIAP_PLAN: undefined,
  });
});
