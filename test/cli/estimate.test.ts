import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { uniap } from './uniap.ts';

const RUN = { id: 'a', gpu: 'A100', layers: 24, hidden: 2048, heads: 16, vocab: 50304, seq_len: 2048, gpus: 8, mbs: 4 };

async function fileOf(content: unknown): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'uniap-estimate-')), 'runs.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

test('runs are estimated in their order, and what cannot be priced costs no other its estimate', async (t) => {
  const { code, stdout } = await uniap('estimate', await fileOf([{ id: 'b' }, RUN]));
  t.is(code, 0);
  const [none, some] = JSON.parse(stdout) as { id: string; stepTimeSeconds: number | null; reason?: string }[];
  t.like(none, { id: 'b', stepTimeSeconds: null });
  t.regex(none?.reason ?? '', /^layers: not given/);
  t.is(some?.id, 'a');
  t.true((some?.stepTimeSeconds ?? 0) > 0);
});

test('a file of which nothing can be priced ends with 1, after its reasons', async (t) => {
  const file = await fileOf([{ ...RUN, gpu: 'TPU v4' }]);
  const { code, stdout, stderr } = await uniap('estimate', file);
  t.is(code, 1);
  t.regex(stdout, /"reason": "device TPU v4 is not in the catalogue/);
  t.is(stderr, `error: ${file}: none of its runs can be priced; each says its reason\n`);
  t.is((await uniap('estimate', await fileOf([]))).code, 1);
});

test('options of jobs are refused for runs', async (t) => {
  const { code, stderr } = await uniap('estimate', await fileOf([RUN]), '--nodes', 'nodes.yaml');
  t.is(code, 1);
  t.regex(
    stderr,
    /^error: --nodes would not be used: runs are estimated from what they say, and the catalogue; leave out --nodes/,
  );
});
