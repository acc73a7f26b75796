import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse, stringify } from 'yaml';
import type { ModelProfile } from '../../src/api/model-profile.ts';
import { uniap } from './uniap.ts';

const NODES = 'examples/nodes/1x8-a100.yaml';

/** A folder with a job for 8 GPUs, which goes with the test. */
async function aFolder(
  t: ExecutionContext,
): Promise<{ readonly job: string; readonly path: (name: string) => string }> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-calibrate-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  const example = await readFile('examples/llama-2-7b.yaml', 'utf8');
  await writeFile(path('job.yaml'), example.replace('gpus: 16', 'gpus: 8'));
  return { job: path('job.yaml'), path };
}

async function planned(job: string, ...more: readonly string[]) {
  const { stdout, stderr, code } = await uniap('plan', job, '--nodes', NODES, '-o', 'yaml', ...more);
  if (code !== 0) throw new Error(stderr);
  return parse(stdout) as {
    readonly metadata: { readonly name: string };
    readonly spec: Record<string, unknown> & { readonly predicted: Record<string, string> };
  }; // what it printed
}

test('steps that take longer than planned correct the next plan', async (t) => {
  const { job, path } = await aFolder(t);
  const plan = await planned(job);
  const { computationSeconds, stepSeconds } = plan.spec.predicted;
  const measured = Number(stepSeconds) + 0.5 * Number(computationSeconds);
  const status = {
    plan: { name: 'llama-1', revision: 1, digest: '0', parallelism: 'fsdp8', pipelineDegree: 1, microBatches: 1 },
    actual: {
      stepSeconds: String(measured),
      samplesPerSecond: '1',
      steps: 50,
      revision: 1,
      time: '2026-11-24T12:00:00Z',
    },
  };
  const run = { ...(parse(await readFile(job, 'utf8')) as object), status };
  const kept = {
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'ParallelPlan',
    metadata: { name: 'llama-1' },
    spec: { ...plan.spec, revision: 1 },
  };
  await writeFile(path('run.yaml'), `${stringify(run)}---\n${stringify(kept)}`);

  const calibrated = await uniap('calibrate', path('run.yaml'));
  t.regex(
    calibrated.stderr,
    /^1 run: step time was predicted to \d+\.?\d*% on average, and is to 0\.\d+% with computation × 1\.50/,
  );
  t.is(calibrated.code, 0);
  const profile = parse(calibrated.stdout) as ModelProfile; // what it printed
  t.is(profile.spec.corrections?.computation, '1.5');
  await writeFile(path('profile.yaml'), calibrated.stdout);
  const again = await planned(job, '--profile', path('profile.yaml'));
  t.regex(again.spec.predicted.figures ?? '', /corrected by what runs have shown: computation × 1\.50/);
  t.true(Number(again.spec.predicted.stepSeconds) > Number(stepSeconds));
});

test('what holds no measured run is refused in words', async (t) => {
  const { job } = await aFolder(t);
  const { code, stderr } = await uniap('calibrate', job);
  t.is(code, 1);
  t.is(
    stderr,
    'error: there is no measured run; give TrainingJobs whose status has actual, of at least one step, and their ParallelPlans\n',
  );
});
