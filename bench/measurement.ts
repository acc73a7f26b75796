/** One job planned in a fresh process. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Case } from './cases.ts';

const run = promisify(execFile);

export interface Measurement {
  /** null where no plan fits. */
  readonly plan: {
    readonly parallelism: string;
    /** Predicted. */
    readonly stepSeconds: number;
    readonly relativeGap: number;
    readonly candidates: number;
    readonly pruned: number;
    readonly solved: number;
    readonly confirmed: number;
    /** Of the branch-and-bound trees of all candidates. */
    readonly solverNodes: number;
    /** From tables to the confirmed plan. */
    readonly searchSeconds: number;
  } | null;
  /** Of the whole process, all threads. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface ColdMeasurement extends Measurement {
  /** From starting the process to its end. */
  readonly commandSeconds: number;
}

/** Plans a case as somebody would at a terminal: files read, nothing warm. */
export async function measureCase({ job, nodes }: Case): Promise<ColdMeasurement> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-bench-'));
  try {
    const files = { job: join(folder, 'job.yaml'), nodes: join(folder, 'nodes.yaml') };
    await Promise.all([writeFile(files.job, job), writeFile(files.nodes, nodes)]);
    const started = performance.now();
    const script = join(import.meta.dirname, 'plan-case.ts');
    const { stdout } = await run(process.execPath, [script, files.job, files.nodes]);
    const commandSeconds = (performance.now() - started) / 1000;
    return { ...(JSON.parse(stdout) as Measurement), commandSeconds }; // what plan-case.ts prints
  } finally {
    await rm(folder, { recursive: true });
  }
}
