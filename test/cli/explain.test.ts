import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Explanation } from '../../src/plan/explain/explanation.ts';
import { uniap } from './uniap.ts';

const JOB = ['examples/bert-huge.yaml', '--nodes', 'examples/nodes/1x8-v100.yaml'] as const;

test('explain says what limits the plan and what comes next to it, and writes the report', async (t) => {
  const report = join(await mkdtemp(join(tmpdir(), 'uniap-cli-')), 'report.html');
  const { code, stdout } = await uniap('explain', ...JOB, '--time-limit', '2', '--report', report);
  t.is(code, 0);
  t.regex(stdout, /^limited by +computation/);
  for (const part of ['4 GiB more on each GPU', 'RUNNERS-UP', 'replicas alone (DDP)']) {
    t.true(stdout.includes(part), part);
  }
  const page = await readFile(report, 'utf8');
  t.regex(page, /^<!doctype html>/);
  for (const part of ['bert-huge', 'id="search"', 'id="alternatives"']) t.true(page.includes(part), part);
});

test('for machines it is the same in JSON', async (t) => {
  const { stdout } = await uniap('explain', ...JOB, '--time-limit', '0', '-o', 'json');
  const { limits, whatIfs } = JSON.parse(stdout) as Explanation;
  t.true(limits.length >= 2 && whatIfs.length >= 4);
});

test('a report that cannot be written is a fault of the user', async (t) => {
  const { code, stderr } = await uniap('explain', ...JOB, '--time-limit', '0', '--report', '/nonexistent/report.html');
  t.is(code, 1);
  t.regex(stderr, /^error: \/nonexistent\/report\.html: cannot write the report: /);
});
