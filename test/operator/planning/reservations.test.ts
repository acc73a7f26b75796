import test from 'ava';
import { ahead, type Holder, isWithoutPlan, reservationsOf } from '../../../src/operator/planning/reservations.ts';
import { ago, aState, aStoredPod, type StateBuilder } from '../state-builder.ts';

const NODES = [
  { name: 'node-0', gpus: 8 },
  { name: 'node-1', gpus: 4 },
];

function aHolder(state: StateBuilder = aState(), holder: Partial<Holder> = {}): Holder {
  return { job: state.build().job, revision: 1, nodes: NODES, pods: [], ...holder };
}

const reserve = test.macro((t, holders: readonly Holder[], expected: Readonly<Record<string, number>>) => {
  t.deepEqual(Object.fromEntries(reservationsOf(holders)), expected);
});

test('a plan holds its GPUs before there are pods', reserve, [aHolder()], { 'node-0': 8, 'node-1': 4 });
test('a pod that is bound holds them itself', reserve, [aHolder(aState(), { pods: [aStoredPod(0, 'Running')] })], {
  'node-1': 4,
});
test(
  'a pod that is not bound yet does not',
  reserve,
  [aHolder(aState(), { pods: [{ ...aStoredPod(0, 'Pending'), spec: { containers: [] } }] })],
  { 'node-0': 8, 'node-1': 4 },
);
test(
  'a pod that failed gives its GPUs to the pod that comes after it, and to no other job',
  reserve,
  [aHolder(aState(), { pods: [aStoredPod(0, 'Failed'), aStoredPod(1, 'Succeeded')] })],
  { 'node-0': 8 },
);
test('plans of several jobs on one node add up', reserve, [aHolder(), aHolder()], { 'node-0': 16, 'node-1': 8 });
test('a plan that waits for a review holds nothing', reserve, [aHolder(aState().choices({ review: true }))], {});
test(
  'an approval of another revision neither',
  reserve,
  [aHolder(aState().choices({ review: true, approvedRevision: 2 }))],
  {},
);
test('an approved plan does', reserve, [aHolder(aState().choices({ review: true, approvedRevision: 1 }))], {
  'node-0': 8,
  'node-1': 4,
});
test('a suspended job holds nothing', reserve, [aHolder(aState().runPolicy({ suspend: true }))], {});
test('a finished job neither', reserve, [aHolder(aState().condition('Succeeded', 'PodsSucceeded'))], {});
test('nor one that is being deleted', reserve, [aHolder(aState().deleted())], {});

test('a job that no plan fits any more is without one once its pods are gone', (t) => {
  const { job } = aState().planned().condition('Planned', 'NoPlanFits').build();
  t.true(isWithoutPlan(job, []));
  t.false(isWithoutPlan(job, [aStoredPod(0, 'Failed')]));
  for (const reason of ['NotEnoughGPUs', 'Solving', 'Solved'] as const) {
    t.false(isWithoutPlan(aState().condition('Planned', reason).build().job, []), reason);
  }
});

test('of two jobs whose pods are not made yet, exactly one is ahead of the other', (t) => {
  const at = (uid: string, seconds: number) => {
    const holder = aHolder();
    const metadata = { ...holder.job.metadata, uid, creationTimestamp: ago(seconds) };
    return { ...holder, job: { ...holder.job, metadata } };
  };
  const pairs = [
    [at('a', 10), at('b', 5)],
    [at('b', 10), at('a', 5)],
    [at('a', 5), at('b', 5)],
  ] as const;
  for (const [first, second] of pairs) {
    t.deepEqual(ahead([first], second.job), [first]);
    t.deepEqual(ahead([second], first.job), []);
  }
  const begun = { ...at('b', 1), pods: [aStoredPod(0, 'Running')] };
  t.deepEqual(ahead([begun], at('a', 10).job), [begun]);
});
