import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { withLock } from './lock.ts';

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-lock-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

test('actions under one lock never overlap, and nothing is left', async (t) => {
  const folder = await temporaryFolder(t);
  let inside = 0;
  const action = async () => {
    inside += 1;
    t.is(inside, 1);
    await new Promise(setImmediate);
    inside -= 1;
  };

  await Promise.all([1, 2, 3].map(() => withLock(join(folder, 'lock'), action)));

  t.deepEqual(await readdir(folder), []);
});

test('a failed action frees the lock', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'lock');
  await t.throwsAsync(
    withLock(file, () => Promise.reject(new Error('no compiler'))),
    { message: 'no compiler' },
  );
  t.is(await withLock(file, () => Promise.resolve('built')), 'built');
});

test('the lock of a dead process is taken over', async (t) => {
  const file = join(await temporaryFolder(t), 'lock');
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  await writeFile(file, String(dead.pid));

  t.is(await withLock(file, () => Promise.resolve('built')), 'built');
});
