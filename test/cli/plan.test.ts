import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { readParallelPlan } from '../../src/api/document.ts';
import { uniap } from './uniap.ts';

const NODES = ['--nodes', 'examples/nodes/1x8-a100.yaml'];

/** A file with an example's text, changed. */
async function changed(example: string, from: string, to: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'uniap-cli-')), 'job.yaml');
  await writeFile(file, (await readFile(example, 'utf8')).replace(from, to));
  return file;
}

test('a plan for people says what it takes and that it is proved', async (t) => {
  const { code, stdout } = await uniap('plan', 'examples/llama-7b.yaml', ...NODES);
  t.is(code, 0);
  for (const part of ['step time', 'tokens/s', 'MFU', 'memory limit', 'the best plan', 'confirmed by HiGHS', 'STAGE']) {
    t.true(stdout.includes(part), part);
  }
  t.true(stdout.split('\n').every((line) => line.length <= 100));
});

test('a plan for machines is a ParallelPlan, the same in JSON and YAML', async (t) => {
  const [json, yaml] = await Promise.all(
    ['json', 'yaml'].map((format) => uniap('plan', 'examples/llama-7b.yaml', ...NODES, '-o', format)),
  );
  const [fromJson, fromYaml] = [json, yaml].map((run) => readParallelPlan(run?.stdout ?? '', 'plan').spec);
  t.is(fromJson?.gpus, 8);
  t.deepEqual(fromJson?.stages, fromYaml?.stages);
  // But for the rounding of sums.
  t.true(Number(fromJson?.proof?.relativeGap) <= 1e-12, fromJson?.proof?.relativeGap);
});

test('render prints what the operator would create', async (t) => {
  const { stdout } = await uniap('render', 'examples/llama-7b.yaml', ...NODES);
  const kinds = parseAllDocuments(stdout).map((document) => document.get('kind'));
  t.deepEqual(kinds, ['ParallelPlan', 'ConfigMap', 'Service', 'Pod']);
});

test('a job that does not fit ends with 1, by how much and what would fit', async (t) => {
  const { code, stderr } = await uniap(
    'plan',
    'examples/llama-13b.yaml',
    '--nodes',
    'examples/nodes/2x4-titan-xp.yaml',
  );
  t.is(code, 1);
  t.regex(stderr, /^error: no plan for llama-13b .* too much on each GPU of stage 0 of \d+; would fit: use \d+ GPUs/);
});

test('what a user got wrong is said in a line or two, without a stack trace', async (t) => {
  const typo = await changed('examples/llama-7b.yaml', 'globalBatchSize', 'globalBatchSise');
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['plan', 'nope.yaml', ...NODES], /^error: nope\.yaml: cannot read the job: there is no such file or folder\n$/],
    [['plan', 'examples/llama-7b.yaml', '--nodes', 'docs'], /^error: docs: cannot read the nodes: it is a folder\n$/],
    [
      ['plan', 'examples/llama-7b.yaml'],
      /^error: there is no kubeconfig; set KUBECONFIG, or give the nodes by --nodes/,
    ],
    [['plan', typo, ...NODES], /globalBatchSise: unknown field; did you mean globalBatchSize\?/],
    [['plna'], /unknown command 'plna'\n\(Did you mean plan\?\)/],
    [['plan', 'examples/llama-7b.yaml', ...NODES, '--config', 'x.json'], /--config x\.json would not be used/],
  ];
  for (const [args, says] of cases) {
    const { code, stderr } = await uniap(...args);
    t.is(code, 1, args.join(' '));
    t.regex(stderr, says);
    t.notRegex(stderr, /\n\s+at /);
  }
});
