/** Ends what a pod has started, whatever has become of its parents: as the end of a container's PID namespace does. */
import { readdir, readFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of each process of a pod, and so of all that they start: the pod's uid. */
export const MARK = 'UNIAP_TEST_POD';

/** Kills all processes that carry the mark of a pod. */
export async function killPod(uid: string): Promise<void> {
  const ids = (await readdir('/proc')).filter(isProcess);
  await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => ''); // gone, or another user's
      if (isOf(environment, uid)) kill(Number(id));
    }),
  );
}

/** The same for a process that is about to end, and cannot wait. */
export function killPodsNow(uids: readonly string[]): void {
  for (const id of readdirSync('/proc').filter(isProcess)) {
    const environment = environmentOf(id);
    if (uids.some((uid) => isOf(environment, uid))) kill(Number(id));
  }
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function isProcess(name: string): boolean {
  return /^\d+$/.test(name);
}

function isOf(environment: string, uid: string): boolean {
  return environment.split('\0').includes(`${MARK}=${uid}`);
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // has ended meanwhile
  }
}
