import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { uniap } from './uniap.ts';

const GALVATRON = 'test/profile/measured/galvatron';
const FILES = [
  'computation_profiling_bf16_llama2-7b_all',
  'memory_profiling_bf16_llama2-7b_all',
  'allreduce_bandwidth_1nodes_8gpus_per_node',
  'overlap_coefficient',
].map((name) => `${GALVATRON}/${name}.json`);

test('a job is planned from what another tool measured, and the plan says what was measured', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-profile-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [profile, job] = [join(folder, 'profile.yaml'), join(folder, 'job.yaml')];
  const imported = await uniap('profile', 'import', '--from', 'galvatron', ...FILES);
  t.is(imported.stderr, '');
  await writeFile(profile, imported.stdout);
  const example = await readFile('examples/llama-2-7b.yaml', 'utf8');
  await writeFile(job, example.replace('gpus: 16', 'gpus: 8').replace('sequenceLength: 4096', 'sequenceLength: 2048'));
  const { code, stdout } = await uniap('plan', job, '--nodes', 'examples/nodes/1x8-a100.yaml', '--profile', profile);
  t.is(code, 0);
  t.regex(stdout.replaceAll(/\s+/g, ' '), /figures measured: .*seconds of block/);
});

test('a file that is not the tool’s, or of which more must be said, ends with 1 and a line', async (t) => {
  const wrong = await uniap('profile', 'import', '--from', 'piper', `${GALVATRON}/overlap_coefficient.json`);
  t.is(wrong.code, 1);
  t.regex(wrong.stderr, /^error: test\/.*overlap_coefficient\.json: must have required properties nodes; give one of/);
  const asks = await uniap('profile', 'import', '--from', 'galvatron', '--sequence-length', 'long', ...FILES);
  t.regex(asks.stderr, /'long' is invalid\. give a whole number, 1 or more/);
  const none = await uniap('plan', 'examples/llama-7b.yaml', '--nodes', 'x', '--profile', 'nope.yaml');
  t.is(none.code, 1);
});
