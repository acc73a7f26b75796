import test from 'ava';
import { PlanningDesk, type PlanningRequest } from '../../../src/operator/planning/planning-desk.ts';
import type { PlanningResult } from '../../../src/operator/planning/result.ts';
import { aPlan } from '../../plan/builders.ts';
import { ago, aState } from '../state-builder.ts';

const PLANNED: PlanningResult = { kind: 'planned', plan: aPlan() };
const WAITING: PlanningResult = { kind: 'unplanned', reason: 'NotEnoughGPUs', message: 'needs 16' };

function aRequest(name: string, secondsOld: number): PlanningRequest {
  const { job } = aState().build();
  const metadata = { ...job.metadata, name, uid: name, creationTimestamp: ago(secondsOld) };
  return { job: { ...job, metadata }, digest: '1', inputs: { kind: 'ready', config: null } };
}

/** A desk whose searches end when the test says. */
function aDesk() {
  const searches: {
    readonly name: string;
    readonly signal: AbortSignal;
    readonly end: (result: PlanningResult) => void;
  }[] = [];
  const results: string[] = [];
  const desk = new PlanningDesk({
    plan: ({ job }, signal) =>
      new Promise((resolve) => {
        searches.push({ name: job.metadata.name, signal, end: resolve });
      }),
    onResult: (key) => {
      results.push(key);
    },
  });
  const end = async (result: PlanningResult) => {
    searches.at(-1)?.end(result);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  };
  return { desk, searches, results, end };
}

test('jobs are planned one at a time, the oldest that waits first', async (t) => {
  const { desk, searches, end } = aDesk();
  desk.start('first', aRequest('first', 10));
  desk.start('young', aRequest('young', 1));
  desk.start('old', aRequest('old', 5));
  t.is(desk.depth, 2);
  await end(PLANNED);
  await end(PLANNED);
  t.deepEqual(
    searches.map(({ name }) => name),
    ['first', 'old', 'young'],
  );
});

test('a result is told of, kept for the job as it asked, and holds its GPUs until it is discarded', async (t) => {
  const { desk, results, end } = aDesk();
  const request = aRequest('a', 1);
  t.deepEqual(desk.stateOf('a', request), { kind: 'idle' });
  desk.start('a', request);
  t.deepEqual(desk.stateOf('a', request), { kind: 'solving' });
  await end(PLANNED);
  t.deepEqual(results, ['a']);
  t.deepEqual(desk.stateOf('a', request), PLANNED);
  t.deepEqual(desk.stateOf('a', { ...request, digest: '2' }), { kind: 'idle' });
  t.deepEqual(desk.stateOf('a', { ...request, inputs: { kind: 'ready', config: {} } }), { kind: 'idle' });
  t.deepEqual(
    desk.unrecorded().map(({ job, nodes }) => [job.metadata.name, nodes]),
    [['a', aPlan().nodes]],
  );
  desk.discard('a');
  t.deepEqual(desk.unrecorded(), []);
  t.deepEqual(desk.stateOf('a', request), { kind: 'idle' });
});

test('what was discarded while it was searched for is aborted and not told of', async (t) => {
  const { desk, searches, results, end } = aDesk();
  desk.start('a', aRequest('a', 1));
  desk.discard('a');
  t.true(searches[0]?.signal.aborted);
  await end(PLANNED);
  t.deepEqual(results, []);
});

test('a job that asks again while it is searched for gets the later answer', async (t) => {
  const { desk, searches, end } = aDesk();
  const request = aRequest('a', 1);
  desk.start('a', request);
  desk.start('a', { ...request, digest: '2' });
  await end(PLANNED);
  t.deepEqual(desk.stateOf('a', { ...request, digest: '2' }), { kind: 'solving' });
  await end(WAITING);
  t.is(searches.length, 2);
  t.deepEqual(desk.stateOf('a', { ...request, digest: '2' }), WAITING);
});

for (const reason of ['NotEnoughGPUs', 'NoPlanFits', 'PlanRefused', 'InvalidJob', 'InternalError'] as const) {
  test(`${reason}: planned again when the cluster changes, and until then the reason stands`, async (t) => {
    const { desk, searches, end } = aDesk();
    const request = aRequest('a', 1);
    const unplanned: PlanningResult = { kind: 'unplanned', reason, message: 'because' };
    desk.start('a', request);
    await end(unplanned);
    desk.retry();
    t.is(searches.length, 2);
    t.deepEqual(desk.stateOf('a', request), unplanned);
    await end(PLANNED);
    t.deepEqual(desk.stateOf('a', request), PLANNED);
  });
}

test('a job that has its plan is not planned again when the cluster changes', async (t) => {
  const { desk, searches, end } = aDesk();
  desk.start('a', aRequest('a', 1));
  desk.retry();
  await end(PLANNED);
  desk.retry();
  t.is(searches.length, 1);
});

test('a cluster that changes during a search that finds too little makes another search', async (t) => {
  const { desk, searches, end } = aDesk();
  const request = aRequest('a', 1);
  desk.start('a', request);
  desk.retry();
  await end(WAITING);
  t.is(searches.length, 2);
});

test('stopping aborts the search and waits for its end', async (t) => {
  const { desk, searches, end } = aDesk();
  desk.start('a', aRequest('a', 1));
  desk.start('b', aRequest('b', 1));
  const stopped = desk.stop();
  t.true(searches[0]?.signal.aborted);
  await end(WAITING);
  await stopped;
  t.is(searches.length, 1);
});

test('a plan that is made anew holds its GPUs until there is another answer', async (t) => {
  const { desk, end } = aDesk();
  const request = aRequest('a', 1);
  desk.start('a', request);
  await end(PLANNED);
  desk.start('a', request);
  t.deepEqual(desk.stateOf('a', request), { kind: 'solving' });
  t.deepEqual(
    desk.unrecorded().map(({ nodes }) => nodes),
    [aPlan().nodes],
  );
  await end(WAITING);
  t.deepEqual(desk.unrecorded(), []);
});
