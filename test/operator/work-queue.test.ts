import { mock } from 'node:test';
import test from 'ava';
import { WorkQueue } from '../../src/operator/work-queue.ts';

/** A queue whose handler blocks until the test lets it go on. */
function aQueue(workers: number) {
  const started: string[] = [];
  const held = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const retries: number[] = [];
  const queue = new WorkQueue({
    workers,
    handle: (key) => {
      started.push(key);
      return new Promise((resolve, reject) => {
        held.set(key, { resolve, reject });
      });
    },
    onError: (_key, _error, seconds) => {
      retries.push(seconds);
    },
  });
  const settle = async (key: string, error?: Error) => {
    const gate = held.get(key);
    if (error === undefined) gate?.resolve();
    else gate?.reject(error);
    await turn();
  };
  return { queue, started, retries, settle };
}

/** Lets everything that is due run. */
async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test('a key waits once however often it is added', async (t) => {
  const { queue, started, settle } = aQueue(1);
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.add('b');
  t.is(queue.depth, 1);
  await settle('a');
  await settle('b');
  t.deepEqual(started, ['a', 'b']);
});

test('nothing is handled before the start', (t) => {
  const { queue, started } = aQueue(1);
  queue.add('a');
  t.deepEqual(started, []);
  queue.start();
  t.deepEqual(started, ['a']);
});

test('no key is handled twice at a time, and one added meanwhile is handled again', async (t) => {
  const { queue, started, settle } = aQueue(4);
  queue.start();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  t.deepEqual(started, ['a', 'b']);
  await settle('a');
  t.deepEqual(started, ['a', 'b', 'a']);
});

test('no more keys are handled at a time than there are workers', async (t) => {
  const { queue, started, settle } = aQueue(2);
  queue.start();
  for (const key of ['a', 'b', 'c']) queue.add(key);
  t.deepEqual(started, ['a', 'b']);
  await settle('b');
  t.deepEqual(started, ['a', 'b', 'c']);
});

test.serial('what fails is tried again, later each time, and from the beginning once it worked', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.teardown(() => {
    mock.timers.reset();
  });
  const { queue, started, retries, settle } = aQueue(1);
  queue.start();
  queue.add('a');
  for (const seconds of [0.1, 0.2, 0.4]) {
    await settle('a', new Error('no'));
    t.is(retries.at(-1), seconds);
    mock.timers.tick(seconds * 1000 - 1);
    const before = started.length;
    mock.timers.tick(1);
    t.is(started.length, before + 1);
  }
  await settle('a');
  queue.add('a');
  await settle('a', new Error('no'));
  t.is(retries.at(-1), 0.1);
});

test.serial('retries are never more than a minute apart', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.teardown(() => {
    mock.timers.reset();
  });
  const { queue, retries, settle } = aQueue(1);
  queue.start();
  queue.add('a');
  for (let count = 0; count < 40; count += 1) {
    await settle('a', new Error('no'));
    mock.timers.tick(60_000);
  }
  t.is(Math.max(...retries), 60);
});

test.serial('of several times the soonest counts', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.teardown(() => {
    mock.timers.reset();
  });
  const { queue, started } = aQueue(1);
  queue.start();
  queue.addAfter('a', 10);
  queue.addAfter('a', 5);
  queue.addAfter('a', 20);
  mock.timers.tick(5_000);
  t.deepEqual(started, ['a']);
  mock.timers.tick(60_000);
  t.deepEqual(started, ['a']);
});

test('draining waits for what is handled and starts nothing more', async (t) => {
  const { queue, started, settle } = aQueue(1);
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 0);
  let isDrained = false;
  const drained = queue.drain().then(() => {
    isDrained = true;
  });
  await turn();
  t.false(isDrained);
  await settle('a');
  await drained;
  queue.add('d');
  await turn();
  t.deepEqual(started, ['a']);
});
