import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { uniap } from './uniap.ts';

const JOB = 'examples/llama-2-7b-torchtitan.yaml';
const NODES = ['--nodes', 'examples/nodes/4x8-h100.yaml'];

const aFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'uniap-export-'));

test("a job's plan is printed as the files of its engine, or of the one asked for", async (t) => {
  const [own, other] = await Promise.all([
    uniap('export', JOB, ...NODES),
    uniap('export', JOB, ...NODES, '--engine', 'galvatron'),
  ]);
  t.regex(own.stdout, /^==> torchtitan\.sh <==\n#!\/bin\/sh\n/);
  t.regex(other.stdout, /^==> galvatron\.json <==\n\{[^}]*\}\n\n==> galvatron\.sh <==\n#!\/bin\/sh\n/);
});

test('the files are written into a folder, for a plan that is in a file and needs no nodes', async (t) => {
  const folder = await aFolder();
  const plan = join(folder, 'plan.yaml');
  await writeFile(plan, (await uniap('plan', JOB, ...NODES, '-o', 'yaml')).stdout);
  const written = await uniap('export', JOB, '--plan', plan, '--engine', 'megatron', '-o', join(folder, 'files'));
  t.is(written.stdout, `${join(folder, 'files', 'megatron.sh')}\n`, written.stderr);
  t.deepEqual(await readdir(join(folder, 'files')), ['megatron.sh']);
  t.regex(await readFile(join(folder, 'files', 'megatron.sh'), 'utf8'), /exec torchrun pretrain_gpt\.py/);
});

test('what cannot be exported is said with what would work', async (t) => {
  const folder = await aFolder();
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [
      ['examples/llama-2-7b.yaml', ...NODES],
      /planning\.engine: .*; name an engine by --engine: galvatron, torchtitan, megatron/,
    ],
    [['examples/bert-huge.yaml', ...NODES, '--engine', 'megatron'], /has no family bert; use llama/],
    [[JOB, ...NODES, '--engine', 'deepspeed'], /Allowed choices are galvatron, torchtitan, megatron/],
    [[JOB, ...NODES, '-o', 'package.json'], /^error: package\.json: cannot write the files: /],
    [
      [JOB, ...NODES, '--plan', join(folder, 'none.yaml')],
      /^error: --nodes would not be used: a plan by --plan is taken as it is, and not priced; leave out --nodes/,
    ],
    [[JOB, '--plan', join(folder, 'none.yaml')], /none\.yaml: cannot read the plan: there is no such file/],
  ];
  for (const [args, says] of cases) {
    const { code, stderr } = await uniap('export', ...args);
    t.is(code, 1, args.join(' '));
    t.regex(stderr, says);
  }
});
