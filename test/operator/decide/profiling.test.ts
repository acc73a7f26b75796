import test from 'ava';
import { ANNOTATION, LABEL } from '../../../src/api/group.ts';
import { decide } from '../../../src/operator/decide/decide.ts';
import { factsOf } from '../../../src/operator/decide/facts.ts';
import { planJobOf } from '../../../src/operator/decide/policies/gang-of.ts';
import type { Pod } from '../../../src/operator/kubernetes/pod.ts';
import type { Measured } from '../../../src/operator/planning/result.ts';
import { measurementOf } from '../../../src/operator/profiling/measurement.ts';
import { modelOf } from '../../../src/plan/job-model.ts';
import { modelDigest } from '../../../src/plan/profile-library.ts';
import { hardwareProfile, modelProfile } from '../../api/profile-cases.ts';
import { aJobSpec, aPlan, aTemplate } from '../../plan/builders.ts';
import { ago, aState, aStoredPod, type StateBuilder } from '../state-builder.ts';

const MEASURED: Measured = {
  names: {},
  missing: ['no ModelProfile is of llama-2-7b'],
  subject: {
    device: 'A100-SXM-80GB',
    ranks: 16,
    ranksPerNode: 8,
    nodeLink: 'NVLink',
    network: 'InfiniBand',
    drivers: [],
    modelDigest: modelDigest(modelOf(aJobSpec(), null)),
  },
};

const FOUND = { kind: 'planned', plan: aPlan(), measured: MEASURED } as const;
const begun = { observedGeneration: 1, startTime: ago(60) };

type Policy = 'Auto' | 'Required' | 'Never';

/** A job whose container runs the runtime, for which a plan was found of which nothing is measured. */
function aFoundState(profile: Policy = 'Auto', command = ['uniap-runtime', 'train']): StateBuilder {
  return aState().choices({ profile }).template(aTemplate({ command })).planner(FOUND);
}

/** Pods that measure for that job, by node rank. */
function pods(state: StateBuilder, ...phases: readonly string[]): readonly Pod[] {
  const { job } = factsOf(state.build());
  const { id } = measurementOf(planJobOf(job), FOUND.plan, MEASURED);
  return phases.map((phase, rank) => {
    const pod = aStoredPod(rank, phase);
    const labels = { [LABEL.jobUid]: job.metadata.uid, [LABEL.profiling]: id, [LABEL.nodeRank]: String(rank) };
    return { ...pod, metadata: { ...pod.metadata, name: `llama-p${rank}`, labels } };
  });
}

/** The same while it is measured. */
function aMeasuringState(profile: Policy, ...phases: readonly string[]): StateBuilder {
  const state = aFoundState(profile).status({ profiling: begun });
  return state.with({ profilingPods: pods(state, ...phases) });
}

interface Expected {
  readonly apply?: readonly string[];
  readonly delete?: readonly string[];
  readonly planning?: string;
  /** Of the condition Planned. */
  readonly reason?: string;
  readonly says?: RegExp;
  readonly reads?: string;
}

const decides = test.macro((t, state: StateBuilder, expected: Expected) => {
  const decision = decide(state.build());
  const applied = decision.apply.map(({ kind, metadata }) => `${kind ?? ''} ${metadata?.name ?? ''}`);
  t.deepEqual(
    applied.map((each) => each.replace(/-[0-9a-f]{16}$/, '-HASH')),
    [...(expected.apply ?? [])],
  );
  t.deepEqual(
    decision.delete.map(({ name }) => name),
    [...(expected.delete ?? [])],
  );
  t.is(decision.planning, expected.planning as typeof decision.planning);
  t.is(decision.readProfileFrom?.metadata.name, expected.reads);
  const planned = decision.status?.conditions?.find(({ type }) => type === 'Planned');
  t.is(planned?.reason, expected.reason);
  if (expected.says !== undefined) t.regex(planned?.message ?? '', expected.says);
});

const RECORDED = {
  apply: ['ConfigMap llama-1', 'ParallelPlan llama-1'],
  planning: 'discard',
  reason: 'Supplied',
} as const;
const PODS = ['llama-p0', 'llama-p1'];

test('what no profile is of is measured on the nodes of the plan', decides, aFoundState(), {
  apply: ['ConfigMap llama-profiling', 'Pod llama-p0', 'Pod llama-p1'],
  reason: 'Profiling',
  says: /Measuring on 16 A100-SXM-80GB of 2 nodes, since no ModelProfile is of llama-2-7b: creating pods/,
});
test('a job whose container does not run the runtime is not measured', decides, aFoundState('Auto', ['sh']), RECORDED);
test(
  'a plan that lacks nothing is recorded',
  decides,
  aFoundState().planner({ ...FOUND, measured: { ...MEASURED, missing: [] } }),
  RECORDED,
);
test(
  'where profiles do not count nothing is measured',
  decides,
  aFoundState().planner({ kind: 'planned', plan: aPlan() }),
  RECORDED,
);
test(
  "a plan of a user's own is not measured for",
  decides,
  aFoundState().with({
    inputs: { kind: 'ready', config: null, suppliedPlan: aPlan() },
  }),
  RECORDED,
);

test('pods that run are asked for what they have measured', decides, aMeasuringState('Auto', 'Running', 'Running'), {
  reads: 'llama-p0',
  reason: 'Profiling',
  says: /2 of 2 pods run/,
});
test('those that do not run yet are waited for', decides, aMeasuringState('Auto', 'Pending', 'Running'), {
  reason: 'Profiling',
  says: /1 of 2 pods run; llama-p0: starting/,
});
test('other ranks may have ended', decides, aMeasuringState('Auto', 'Running', 'Succeeded'), {
  reads: 'llama-p0',
  reason: 'Profiling',
});

const ANSWER = JSON.stringify({
  model: modelProfile({ sequenceLength: 4096 }, { parameters: 202_383_360 }),
  hardware: hardwareProfile(),
});

test(
  'what was measured is kept, and the job planned again',
  decides,
  aMeasuringState('Auto', 'Running', 'Running').with({ profileReading: { kind: 'read', text: ANSWER } }),
  {
    apply: ['ModelProfile llama-2-7b-a100-sxm-80gb-HASH', 'HardwareProfile a100-sxm-80gb-2x8-HASH'],
    delete: PODS,
    planning: 'start',
    reason: 'Profiling',
  },
);

const FAILURES: Readonly<Record<string, readonly [StateBuilder, RegExp]>> = {
  'a pod fails': [aMeasuringState('Auto', 'Failed', 'Running'), /pod llama-p0 on node node-0 failed/],
  'a pod is deleted': [aMeasuringState('Auto', 'Running'), /a pod that measures was deleted/],
  'it ends unread': [
    aMeasuringState('Auto', 'Succeeded', 'Succeeded').with({
      profileReading: { kind: 'waiting', problem: 'fetch failed' },
    }),
    /the first pod ended before its profile was read; asked for its profile, fetch failed/,
  ],
  'it takes too long': [
    aMeasuringState('Auto', 'Running', 'Pending').status({ profiling: { ...begun, startTime: ago(901) } }),
    /not done after 900 s: 1 of 2 pods run; llama-p1: starting/,
  ],
  'it answers nonsense': [
    aMeasuringState('Auto', 'Running', 'Running').with({ profileReading: { kind: 'read', text: '{}' } }),
    /what the pods have measured cannot be read/,
  ],
};

for (const [what, [state, says]] of Object.entries(FAILURES)) {
  test(`measuring fails where ${what}`, (t) => {
    const { status, apply, delete: removed, planning } = decide(state.build());
    t.regex(status?.profiling?.failure ?? '', says);
    t.truthy(status?.profiling?.completionTime);
    t.deepEqual(apply, []);
    t.true(removed.length > 0);
    t.is(planning, undefined);
  });
}

const failed = { ...begun, completionTime: ago(10), failure: 'pod llama-p0 failed' };

test('a plan after a measurement that failed says so', (t) => {
  const { apply } = decide(aFoundState().status({ profiling: failed }).build());
  const plan = apply.find(({ kind }) => kind === 'ParallelPlan');
  t.like(plan?.metadata, { annotations: { [ANNOTATION.unmeasured]: 'pod llama-p0 failed' } });
});
test(
  'one on other nodes than were measured is recorded too',
  decides,
  aFoundState().status({
    profiling: { ...begun, completionTime: ago(10) },
  }),
  RECORDED,
);
test(
  'where there is to be none without, it is waited, without GPUs',
  decides,
  aFoundState('Required').status({ profiling: failed }),
  {
    planning: 'discard',
    reason: 'ProfilingFailed',
    says: /pod llama-p0 failed/,
  },
);
test(
  'and measured again after a while',
  decides,
  aFoundState('Required').status({ profiling: { ...failed, completionTime: ago(601) } }),
  {
    apply: ['ConfigMap llama-profiling', 'Pod llama-p0', 'Pod llama-p1'],
    reason: 'Profiling',
  },
);
test(
  'what was measured of the job before an edit does not count',
  decides,
  aFoundState().status({
    profiling: { ...failed, observedGeneration: 0 },
  }),
  { apply: ['ConfigMap llama-profiling', 'Pod llama-p0', 'Pod llama-p1'], reason: 'Profiling' },
);

test(
  'pods that measured on other nodes go first',
  decides,
  aFoundState().with({
    profilingPods: pods(aFoundState(), 'Running').map((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [LABEL.profiling]: 'other' } },
    })),
  }),
  { delete: ['llama-p0'], reason: 'Profiling', says: /Waiting for pods to go: llama-p0/ },
);
test('that those went is no failure of what is measured next', (t) => {
  const [pod] = pods(aFoundState(), 'Running');
  t.truthy(pod);
  const other = pod && { ...pod, metadata: { ...pod.metadata, labels: { [LABEL.profiling]: 'other' } } };
  const state = aFoundState().status({ profiling: begun });
  t.is(decide(state.with({ profilingPods: other ? [other] : [] }).build()).status?.profiling, undefined);
  const [ours] = pods(state, 'Running');
  const leaving = ours && { ...ours, metadata: { ...ours.metadata, deletionTimestamp: ago(1) } };
  const decision = decide(state.with({ profilingPods: leaving ? [leaving] : [] }).build());
  t.deepEqual(decision.status?.profiling, begun, 'one of its own that was deleted is');
});
test(
  'pods that measure go before those that train are made',
  decides,
  aState()
    .planned()
    .with({
      profilingPods: pods(aFoundState(), 'Running', 'Running'),
    }),
  { delete: PODS, reason: 'Supplied' },
);
test('a suspended job is not measured', (t) => {
  const state = aMeasuringState('Auto', 'Running', 'Running').runPolicy({ suspend: true }).build();
  const { delete: removed, status } = decide(state);
  t.deepEqual(
    removed.map(({ name }) => name),
    PODS,
  );
  t.is(status?.profiling, undefined);
});
test('a deadline ends a job that is measured', (t) => {
  const state = aMeasuringState('Auto', 'Running', 'Running')
    .runPolicy({ activeDeadlineSeconds: 30 })
    .status({ startTime: ago(60) })
    .build();
  const { delete: removed, status } = decide(state);
  t.is(status?.state, 'Failed');
  t.is(removed.length, 2);
});
test('a job that is being deleted takes its pods with it', (t) => {
  const { delete: removed, planning } = decide(aMeasuringState('Auto', 'Running', 'Running').deleted().build());
  t.deepEqual(removed, []);
  t.is(planning, 'discard');
});

for (const [what, change] of [
  [
    'no plan can be made any more',
    (state: StateBuilder) => state.planner({ kind: 'unplanned', reason: 'NotEnoughGPUs', message: 'too few' }),
  ],
  ['its model is gone', (state: StateBuilder) => state.with({ inputs: { kind: 'missing', message: 'no ConfigMap' } })],
] as const) {
  test(`a measurement ends where ${what}, so that it holds no GPUs`, (t) => {
    const { delete: removed, status } = decide(change(aMeasuringState('Auto', 'Running', 'Running')).build());
    t.deepEqual(
      removed.map(({ name }) => name),
      PODS,
    );
    t.is(status?.profiling, undefined);
    t.is(status?.startTime, undefined);
  });
}
