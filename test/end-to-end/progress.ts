/** What the runtime says of each step, docs/runtime.md. */
import { readFile } from 'node:fs/promises';

export interface Progress {
  readonly step: number;
  readonly loss: number;
}

/** The steps in a log, in its order. */
export function progressOf(log: string): readonly Progress[] {
  return [...log.matchAll(/^step (\d+)\/\d+ \| loss ([\d.]+)/gm)].map(([, step, loss]) => ({
    step: Number(step),
    loss: Number(loss),
  }));
}

/** The log so far; empty where it has not begun. */
export async function readLog(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
