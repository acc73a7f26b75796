import test from 'ava';
import { readParallelPlan, readTrainingJob } from '../../src/api/document.ts';
import { InvalidDocumentError, UserError } from '../../src/api/errors.ts';

const JOB = `# A job
apiVersion: uniap.dev/v1alpha1
kind: TrainingJob
metadata: { name: llama }
spec:
  model: { preset: llama-2-7b }
  training: { globalBatchSize: 64 }
  resources:
    gpus: 16
  template:
    image: registry.example.com/train:1
`;

test('finds the job among other documents', (t) => {
  const others = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: team }\n---\n';
  t.is(readTrainingJob(`${others}${JOB}---\n`, 'job.yaml').metadata.name, 'llama');
});

test('reads JSON', (t) => {
  const job = readTrainingJob(JOB, 'job.yaml');
  t.deepEqual(readTrainingJob(JSON.stringify(job), 'job.json'), job);
});

test('reads merged maps', (t) => {
  const text = JOB.replace('{ globalBatchSize: 64 }', '{ <<: { globalBatchSize: 32 }, precision: FP16 }');
  t.is(readTrainingJob(text, 'job.yaml').spec.training.globalBatchSize, 32);
});

for (const [what, text, ...messages] of [
  ['an unknown field', `${JOB}  planing: {}\n`, 'job.yaml:12:3: spec.planing: unknown field; did you mean planning?'],
  [
    'a wrong value in a list',
    `${JOB}    env:\n      - name: A\n      - name: B\n        value: 3\n`,
    'job.yaml:15:9: spec.template.env[1].value: must be a string, not 3; write "3" in quotes',
  ],
  [
    'a missing field, by what should have it',
    JOB.replace('    image:', '    workingDir:'),
    'job.yaml:10:3: spec.template.image: required, but missing',
  ],
  [
    'two faults',
    `${JOB}  runPolicy: { suspended: true }\n  planning:\n    tensorDegrees: 2\n`,
    'job.yaml:14:5: spec.planning.tensorDegrees: unknown field; did you mean tensorDegree?',
    'job.yaml:12:16: spec.runPolicy.suspended: unknown field; did you mean suspend?',
  ],
  [
    'a rule',
    `${JOB}  planning: { tensorDegree: 3 }\n`,
    'job.yaml:9:5: spec.resources.gpus: 16 is not a multiple of 3, the product of ["tensorDegree 3"]; use 15 or 18, or degrees whose product divides 16',
  ],
] as const) {
  test(`says the line of ${what}`, (t) => {
    const error = t.throws(() => readTrainingJob(text, 'job.yaml'), { instanceOf: InvalidDocumentError });
    t.is(error.message, ['TrainingJob llama is not valid:', ...messages.map((line) => `  ${line}`)].join('\n'));
  });
}

for (const [what, text, message] of [
  ['text that is not YAML', 'kind: [a', /^job.yaml:1:9: /],
  ['an alias without an anchor', 'kind: *b', /^job.yaml:1:1: .*alias/],
  ['a key twice', 'kind: a\nkind: b', /^job.yaml:2:1: Map keys must be unique/],
  ['an empty text', '', /^job.yaml: holds no TrainingJob$/],
  ['other documents', 'kind: Service\n---\nkind: Pod', /^job.yaml: holds no TrainingJob, only Service, Pod$/],
  ['a misspelt kind', 'kind: TrainJob', /^job.yaml: holds no TrainingJob, only TrainJob; did you mean TrainingJob\?$/],
  ['two jobs', `${JOB}---\n${JOB}`, /^job.yaml: holds more than one TrainingJob; put each in its own file$/],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => readTrainingJob(text, 'job.yaml'), { instanceOf: UserError, message });
  });
}

test('reads a plan', (t) => {
  const text = `apiVersion: uniap.dev/v1alpha1
kind: ParallelPlan
metadata: { name: mine }
spec:
  globalBatchSize: 64
  microBatches: 8
  gpus: 2
  stages:
    - layers: [{ first: 0, last: 3, tensor: 2 }]
`;
  t.is(readParallelPlan(text, 'plan.yaml').spec.stages[0]?.layers[0]?.tensor, 2);
});
