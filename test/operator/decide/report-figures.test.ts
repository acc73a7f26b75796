import test from 'ava';
import type { TrainingJobStatus } from '../../../src/api/training-job-status.ts';
import { decide } from '../../../src/operator/decide/decide.ts';
import type { Figures } from '../../../src/operator/figures/figures.ts';
import { ago, aRunningState, NOW, type StateBuilder } from '../state-builder.ts';
import { aPlan } from '../../plan/builders.ts';

const GIB = 2 ** 30;
const PREDICTED = {
  stepSeconds: '2',
  samplesPerSecond: '32',
  modelFlopsUtilisation: '0.4',
  memoryLimitBytes: 70 * GIB,
  limitedBy: 'computation',
};
const STAGES = aPlan().stages.map((stage, index) => ({ ...stage, memoryBytes: (60 - 10 * index) * GIB }));

function someFigures(figures: Partial<Figures> = {}): Figures {
  const memoryBytes = new Map([
    [0, 57 * GIB],
    [1, 50 * GIB],
  ]);
  return { stepSeconds: 2.2, steps: 150, spanSeconds: 300, memoryBytes, ...figures };
}

/** A job that runs by a plan with these predictions. */
function aMeasuredState(figures?: Partial<Figures>): StateBuilder {
  return aRunningState()
    .planned({ revision: 1, stages: STAGES, predicted: PREDICTED })
    .with({ plans: [], figures: figures && someFigures(figures) })
    .planned({ stages: STAGES, predicted: PREDICTED });
}

type Actual = NonNullable<TrainingJobStatus['actual']>;
const BEFORE: Actual = {
  stepSeconds: '2.2',
  samplesPerSecond: '29',
  stepRatio: '1.1',
  memoryRatio: '1',
  steps: 9,
  revision: 1,
  time: ago(30),
};

test('what pods say is in the status beside what was planned', (t) => {
  const { status } = decide(aMeasuredState({}).build());
  t.deepEqual(status?.actual, {
    stepSeconds: '2.2',
    samplesPerSecond: '29.09',
    memoryBytes: 57 * GIB,
    stepRatio: '1.1',
    memoryRatio: '1',
    steps: 150,
    revision: 1,
    time: new Date(NOW).toISOString(),
  });
});

test('pods that say nothing leave no trace', (t) => {
  const { status } = decide(aMeasuredState().build());
  t.is(status?.actual, undefined);
  t.false(status?.conditions?.some(({ type }) => type === 'PlanDrift'));
});

const drifts: readonly {
  readonly name: string;
  readonly figures: Partial<Figures>;
  readonly before?: 'SlowerThanPlanned' | 'AsPlanned';
  readonly reason: string | undefined;
  readonly message?: RegExp;
  readonly events?: readonly string[];
}[] = [
  {
    name: 'as planned',
    figures: {},
    reason: 'AsPlanned',
    events: ['Normal AsPlanned'],
    message:
      /^A step takes 2.20 s, 10.0% more than the 2.00 s planned; GPUs of stage 1 need up to 50.0 GiB, 50.0 GiB planned\.$/,
  },
  {
    name: 'slower',
    figures: { stepSeconds: 2.5 },
    reason: 'SlowerThanPlanned',
    events: ['Warning SlowerThanPlanned'],
    message: /25.0% more/,
  },
  {
    name: 'faster',
    figures: { stepSeconds: 1.5 },
    reason: 'FasterThanPlanned',
    events: ['Normal FasterThanPlanned'],
    message: /25.0% less/,
  },
  {
    name: 'more memory, and slower',
    figures: { stepSeconds: 2.5, memoryBytes: new Map([[1, 61 * GIB]]) },
    reason: 'MoreMemoryThanPlanned',
    events: ['Warning MoreMemoryThanPlanned'],
    message: /25.0% more .* stage 1 need up to 61.0 GiB, 50.0 GiB planned/,
  },
  { name: 'less memory is none', figures: { memoryBytes: new Map([[1, 10 * GIB]]) }, reason: 'AsPlanned' },
  { name: 'not long enough', figures: { stepSeconds: 4, spanSeconds: 299 }, reason: undefined, events: [] },
  {
    name: 'a drift that is nearly over goes on',
    figures: { stepSeconds: 2.35 },
    before: 'SlowerThanPlanned',
    reason: 'SlowerThanPlanned',
    events: [],
  },
  {
    name: 'and ends',
    figures: { stepSeconds: 2.3 },
    before: 'SlowerThanPlanned',
    reason: 'AsPlanned',
    events: ['Normal AsPlanned'],
  },
  {
    name: 'the same does not begin one',
    figures: { stepSeconds: 2.35 },
    before: 'AsPlanned',
    reason: 'AsPlanned',
    events: [],
  },
];
for (const { name, figures, before, reason, message, events } of drifts) {
  test(`drift: ${name}`, (t) => {
    const state = aMeasuredState(figures);
    const decision = decide((before === undefined ? state : state.condition('PlanDrift', before)).build());
    const condition = decision.status?.conditions?.find(({ type }) => type === 'PlanDrift');
    t.is(condition?.reason, reason);
    if (message !== undefined) t.regex(condition?.message ?? '', message);
    const told = decision.events
      .filter(({ reason: of }) => of !== 'Supplied')
      .map((event) => `${event.type} ${event.reason}`);
    if (events !== undefined) t.deepEqual(told, [...events]);
  });
}

const writes: readonly {
  readonly name: string;
  readonly before: Partial<Actual>;
  readonly figures: Partial<Figures>;
  readonly renewed: boolean;
}[] = [
  { name: 'a little later', before: {}, figures: {}, renewed: false },
  { name: 'a minute later', before: { time: ago(60) }, figures: {}, renewed: true },
  { name: 'a notable change of time', before: {}, figures: { stepSeconds: 2.35 }, renewed: true },
  { name: 'a notable change of memory', before: { memoryRatio: '0.9' }, figures: {}, renewed: true },
  { name: 'another plan', before: { revision: 2 }, figures: {}, renewed: true },
];
for (const { name, before, figures, renewed } of writes) {
  test(`the status is ${renewed ? '' : 'not '}written: ${name}`, (t) => {
    const actual = { ...BEFORE, ...before };
    const { status } = decide(aMeasuredState(figures).status({ actual }).build());
    t.is(status?.actual?.time, renewed ? new Date(NOW).toISOString() : actual.time);
  });
}

test('figures stay when the job is over, and go with their plan', (t) => {
  const state = aRunningState()
    .with({ pods: [] })
    .planned()
    .status({ actual: BEFORE })
    .condition('PlanDrift', 'AsPlanned');
  const { status } = decide(state.build());
  t.is(status?.actual, undefined, 'the plan of revision 2 was not measured');
  t.is(status?.conditions?.find(({ type }) => type === 'PlanDrift')?.reason, 'NotMeasured');
  const over = aMeasuredState().with({ pods: [] }).pods('Succeeded', 'Succeeded').status({ actual: BEFORE });
  t.deepEqual(decide(over.build()).status?.actual, BEFORE);
});
