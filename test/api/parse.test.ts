import test from 'ava';
import fc from 'fast-check';
import { InvalidDocumentError, UserError } from '../../src/api/errors.ts';
import { parseParallelPlan, parseTrainingJob } from '../../src/api/parse.ts';
import { JOB_CASES, jobDocument } from './job-cases.ts';

for (const { name, changes, refused } of JOB_CASES) {
  test(`${refused ? 'refuses' : 'takes'} ${name}`, (t) => {
    const document = jobDocument(changes);
    if (refused === undefined) {
      t.notThrows(() => parseTrainingJob(document));
      return;
    }
    const error = t.throws(() => parseTrainingJob(document), { instanceOf: InvalidDocumentError });
    t.deepEqual(
      error.errors.map(({ field }) => field),
      Object.keys(refused),
    );
    for (const [index, said] of Object.values(refused).entries()) {
      const { problem, remedy } = error.errors[index] ?? {};
      t.true(
        [problem, remedy]
          .filter((part) => part !== undefined)
          .join('; ')
          .startsWith(said),
        problem,
      );
    }
  });
}

test('fills every default', (t) => {
  const { spec } = parseTrainingJob(jobDocument());
  t.deepEqual(spec.runPolicy, { suspend: false, backoffLimit: 3 });
  t.is(spec.planning.relativeGap, '0.000001');
  t.is(spec.template.sharedMemory, '64Gi');
  t.deepEqual(spec.template.volumes, []);
});

test('reads whole numbers as quantities', (t) => {
  const { template } = parseTrainingJob(jobDocument({ 'spec.template.limits': { cpu: 8 } })).spec;
  t.deepEqual(template.limits, { cpu: '8' });
});

test('keeps nulls where any field may be', (t) => {
  const config = { rope_scaling: null };
  t.deepEqual(parseTrainingJob(jobDocument({ 'spec.model': { config } })).spec.model.config, config);
});

test('leaves the document as it was', (t) => {
  const document = jobDocument({ 'spec.planning': null });
  parseTrainingJob(document);
  t.deepEqual(document, jobDocument({ 'spec.planning': null }));
});

test('reads dates that a client has made of timestamps', (t) => {
  const created = new Date('2026-01-02T03:04:05Z');
  const job = parseTrainingJob(jobDocument({ 'metadata.creationTimestamp': created }));
  t.is(job.metadata.creationTimestamp, '2026-01-02T03:04:05.000Z');
});

test('says no more of a document of another kind than that', (t) => {
  const document = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [] } };
  const { errors } = t.throws(() => parseTrainingJob(document), { instanceOf: InvalidDocumentError });
  t.deepEqual(
    errors.map(({ message }) => message),
    ['apiVersion: "v1" is not uniap.dev/v1alpha1', 'kind: "Service" is not TrainingJob'],
  );
});

const PLAN = {
  apiVersion: 'uniap.dev/v1alpha1',
  kind: 'ParallelPlan',
  metadata: { name: 'mine' },
  spec: {
    globalBatchSize: 64,
    microBatches: 8,
    gpus: 2,
    stages: [{ layers: [{ first: 0, last: 3 }] }, { layers: [{ first: 4, last: 7 }] }],
  },
};

test('fills the defaults of a plan', (t) => {
  const { schedule, stages } = parseParallelPlan(PLAN).spec;
  t.is(schedule, '1F1B');
  t.deepEqual(stages[0]?.layers[0], {
    first: 0,
    last: 3,
    tensor: 1,
    sequenceParallel: false,
    replicas: 1,
    shards: 1,
    zeroStage: 3,
    recomputation: 'None',
    virtualStage: 0,
  });
});

test('refuses a plan whose numbers do not divide', (t) => {
  const spec = { ...PLAN.spec, gpus: 3, microBatches: 6 };
  const { errors } = t.throws(() => parseParallelPlan({ ...PLAN, spec }), { instanceOf: InvalidDocumentError });
  t.is(errors.length, 2);
});

test('gives a job or a user error for anything at all', (t) => {
  const anywhere = fc.constantFrom(
    'spec',
    'metadata',
    'spec.model',
    'spec.model.config',
    'spec.model.layers',
    'spec.training',
    'spec.resources',
    'spec.resources.gpus',
    'spec.resources.nodeSelector',
    'spec.planning',
    'spec.planning.parallelisms',
    'spec.template',
    'spec.template.env',
    'spec.template.labels',
    'spec.template.limits',
    'spec.template.volumes',
    'spec.template.volumeMounts',
    'spec.runPolicy',
    'status',
  );
  const inAJob = fc.tuple(anywhere, fc.jsonValue()).map(([path, value]) => jobDocument({ [path]: value }));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything(), inAJob), (document) => {
      try {
        parseTrainingJob(document);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
