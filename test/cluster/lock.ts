import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 500;

/**
 * Runs `action` while no other process holds the lock file, which names the process that holds it. A lock left behind
 * by a dead process is taken over; should two processes do so at once, both act, which costs time but no correctness.
 */
export async function withLock<Result>(file: string, action: () => Promise<Result>): Promise<Result> {
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    while (!(await acquired(own, file))) await delay(POLL_MS);
    try {
      return await action();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own);
  }
}

/** Linking is atomic: the lock appears with its content, and only if there was none. */
async function acquired(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Whether Node.js reports an error of the operating system under this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
