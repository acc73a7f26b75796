import test from 'ava';
import { decide } from '../../../src/operator/decide/decide.ts';
import { learnt } from '../../../src/operator/decide/out-of-memory.ts';
import type { Pod } from '../../../src/operator/kubernetes/pod.ts';
import { aPlan } from '../../plan/builders.ts';
import { ago, aRunningState, aState, aStoredPod, type StateBuilder } from '../state-builder.ts';

const GIB = 2 ** 30;
const PLAN = {
  stages: aPlan().stages.map((stage, index) => ({ ...stage, memoryBytes: (50 - 10 * index) * GIB })),
  predicted: {
    stepSeconds: '2',
    samplesPerSecond: '32',
    modelFlopsUtilisation: '0.4',
    memoryLimitBytes: 60 * GIB,
    limitedBy: 'computation',
  },
};
const SAID = {
  reason: 'OutOfMemory',
  message: 'backward pass, layer 7 (block.6): CUDA out of memory',
  stage: 1,
  layer: 7,
  plannedBytes: 40 * GIB,
  actualBytes: 64 * GIB,
};

/** A pod whose container left a line of JSON. */
function aPodThatSaid(rank: number, said: Readonly<Record<string, unknown>>, secondsAgo = 1): Pod {
  const terminated = {
    exitCode: 70,
    reason: 'Error',
    message: `${JSON.stringify(said)}\n`,
    finishedAt: ago(secondsAgo),
  };
  return aStoredPod(rank, 'Failed', { status: { containerStatuses: [{ name: 'trainer', state: { terminated } }] } });
}

/** A job whose plan predicts its memory, with these pods. */
function aFailingState(...pods: readonly Pod[]): StateBuilder {
  return aRunningState().with({ plans: [], pods }).planned(PLAN);
}

const running = aStoredPod(0, 'Running');

test('where memory ran out is said, and what the next plan allows for', (t) => {
  const { status, delete: removed } = decide(aFailingState(running, aPodThatSaid(1, SAID)).build());
  t.is(
    status?.conditions?.find(({ type }) => type === 'Running')?.message,
    'Restart 1 of 3: pod llama-1 on node node-1 ran out of memory in stage 1, at layer 7: 64.0 GiB needed, 40.0 GiB planned: ' +
      'backward pass, layer 7 (block.6): CUDA out of memory. The next plan allows for more: memory is counted 1.68 times, ' +
      'since it ran out under the plan of revision 1',
  );
  t.deepEqual(status?.outOfMemory, {
    revision: 1,
    stage: 1,
    layer: 7,
    plannedBytes: 40 * GIB,
    actualBytes: 64 * GIB,
    memoryFactor: '1.680',
  });
  t.is(status?.restarts, 1);
  t.deepEqual(removed, [], 'nothing goes before this is stored');
});

test('what was learnt stays, and adds up', (t) => {
  const predicted = { ...PLAN.predicted, corrections: { computation: '1', communication: '1', memory: '1.2' } };
  const state = aRunningState().with({ plans: [], pods: [running, aPodThatSaid(1, SAID)] });
  const { status } = decide(state.planned({ ...PLAN, predicted }).build());
  t.is(status?.outOfMemory?.memoryFactor, '2.016');
});

test('when there have been too many restarts, the job fails with the same words', (t) => {
  const state = aFailingState(running, aPodThatSaid(1, SAID)).runPolicy({ backoffLimit: 0 });
  const { status } = decide(state.build());
  t.regex(
    status?.conditions?.find(({ type }) => type === 'Failed')?.message ?? '',
    /0 of 0 restarts: .* in stage 1, at layer 7: 64.0 GiB needed/,
  );
});

test('a plan of a user starts again as it is', (t) => {
  const state = aRunningState()
    .choices({ planName: 'mine' })
    .with({ plans: [], pods: [running, aPodThatSaid(1, SAID)] })
    .planned(PLAN);
  const { status } = decide(state.build());
  t.is(status?.outOfMemory, undefined);
  t.is(status?.restarts, 1);
});

test('once all pods are gone another plan is made', (t) => {
  const state = aState()
    .planned(PLAN)
    .status({ restarts: 1, outOfMemory: { revision: 1, plannedBytes: 1, memoryFactor: '1.68' } });
  const inputs = { kind: 'ready', config: { model_type: 'llama' }, memoryFactor: 1.68 } as const;
  const again = state.with({ inputs });
  t.is(decide(again.build()).planning, 'start');
  t.regex(
    decide(again.build()).events[0]?.message ?? '',
    /memory is counted 1.68 times, since it ran out under the plan of revision 1/,
  );
  const none = again.planner({ kind: 'unplanned', reason: 'NoPlanFits', message: 'no plan fits' });
  t.regex(
    decide(none.build()).events[0]?.message ?? '',
    /^no plan fits; memory is counted 1.68 times, since it ran out/,
  );
});

const PEER_LOST = { reason: 'PeerLost', message: 'rank 12 has ended' };

test('a pod that lost another one is not the cause', (t) => {
  const { status } = decide(aFailingState(aPodThatSaid(0, PEER_LOST, 5), aPodThatSaid(1, SAID, 3)).build());
  t.is(status?.outOfMemory?.stage, 1);
});

for (const [name, pods, seconds] of [
  ['which is waited for', [aPodThatSaid(0, PEER_LOST, 4), aStoredPod(1, 'Running')], 6],
  ['but not for ever', [aPodThatSaid(0, PEER_LOST, 10), aStoredPod(1, 'Running')], undefined],
  ['nor where all have ended', [aPodThatSaid(0, PEER_LOST, 1), aPodThatSaid(1, PEER_LOST, 1)], undefined],
] as const) {
  test(`a pod that lost another one is not the cause, ${name}`, (t) => {
    const { requeueAfterSeconds, status } = decide(aFailingState(...pods).build());
    t.is(requeueAfterSeconds, seconds);
    t.is(status?.restarts, seconds === undefined ? 1 : 0);
    t.is(status?.state, seconds === undefined ? 'Restarting' : 'Running');
  });
}

test('what other programs leave is quoted', (t) => {
  for (const message of ['{"reason": 5}', '{"no json', '[1]', 'CUDA out of memory', '{"reason": "Out of memory"}']) {
    const terminated = { exitCode: 1, message };
    const pod = aStoredPod(1, 'Failed', {
      status: { containerStatuses: [{ name: 'trainer', state: { terminated } }] },
    });
    const { status } = decide(aFailingState(running, pod).build());
    t.is(status?.outOfMemory, undefined);
    t.true(
      status?.conditions?.find(({ type }) => type === 'Running')?.message.endsWith(`failed: exit code 1: ${message}`),
    );
  }
});

// What is learnt

const ended = {
  message: undefined,
  plannedBytes: undefined,
  reason: 'OutOfMemory',
  stage: 0,
  layer: undefined,
  actualBytes: 55 * GIB,
};

for (const [name, termination, factor] of [
  ['less was needed than the limit: the limit is too high', ended, '1.260'],
  ['more was needed', { ...ended, actualBytes: 70 * GIB }, '1.470'],
  ['one request was beyond all measure', { ...ended, actualBytes: 7000 * GIB }, '2.520'],
  ['nothing is said of bytes', { ...ended, actualBytes: undefined }, '1.260'],
  ['nothing is said of the stage: that which needs most', { ...ended, stage: undefined }, '1.260'],
  ['a stage that is none', { ...ended, stage: 9 }, '1.260'],
] as const) {
  test(`the plan that failed no longer fits: ${name}`, (t) => {
    const lesson = learnt(termination, aPlan(PLAN));
    t.is(lesson?.memoryFactor, factor);
    t.true(Number(lesson?.memoryFactor) * 50 * GIB > 60 * GIB);
  });
}

test('a plan without predictions teaches nothing', (t) => {
  t.is(learnt(ended, aPlan()), undefined);
});
