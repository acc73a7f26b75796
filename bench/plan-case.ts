/** Plans one job in this process, as `uniap plan` does, and prints what that took as JSON: JOB NODES. */
import { invariant, UserError } from '../src/api/errors.ts';
import { planFromFiles, type PlannedJob } from '../src/cli/planned-job.ts';
import { cpuSeconds } from './cpu.ts';
import type { Measurement } from './measurement.ts';

const KIBIBYTE = 1024;

async function measure(job: string, nodes: string): Promise<Measurement> {
  const planned = await planFromFiles(job, { nodes }).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  return {
    plan: planned && planFigures(planned),
    cpuSeconds: cpuSeconds({ user: 0, system: 0 }),
    peakBytes: process.resourceUsage().maxRSS * KIBIBYTE,
  };
}

function planFigures({ outcome: { plan, log } }: PlannedJob): Measurement['plan'] {
  const { parallelism = '', predicted, proof } = plan;
  invariant(predicted && proof, 'a plan that was searched for has its proof');
  return {
    parallelism,
    stepSeconds: Number(predicted.stepSeconds),
    relativeGap: Number(proof.relativeGap),
    candidates: proof.candidates,
    pruned: proof.pruned,
    solved: proof.solved,
    confirmed: proof.confirmed,
    solverNodes: log.reduce((sum, entry) => sum + entry.solverNodes, 0),
    searchSeconds: Number(proof.seconds),
  };
}

const [, , job = '', nodes = ''] = process.argv;
process.stdout.write(JSON.stringify(await measure(job, nodes)));
