/** Recording rules and alerts, by promtool; and that the runbook has each alert. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { buildPrometheus } from '../cluster/build.ts';
import { readRules, rulesText } from './rules.ts';

const CASES = 'test/deploy/rules.test.yaml';

async function promtool(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(join(await buildPrometheus(), 'promtool'), args)).stdout;
}

/** A folder with the rules, and with the cases beside them. */
async function rulesFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-rules-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'rules.yaml'), await rulesText());
  await copyFile(CASES, join(folder, 'cases.yaml'));
  return folder;
}

test('promtool finds nothing to complain of', async (t) => {
  const folder = await rulesFolder(t);
  const check = promtool('check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rules.yaml'));
  await t.notThrowsAsync(check);
});

test('series and alerts are what they should be', async (t) => {
  const folder = await rulesFolder(t);
  await t.notThrowsAsync(promtool('test', 'rules', join(folder, 'cases.yaml')));
});

test('every rule has a case', async (t) => {
  const cases = await readFile(CASES, 'utf8');
  const { groups } = await readRules();
  for (const { record, alert } of groups.flatMap(({ rules }) => rules)) {
    const what = alert === undefined ? `expr: ${record ?? ''}` : `alertname: ${alert}`;
    t.true(cases.includes(what), what);
  }
  t.truthy(parse(cases));
});

test('the runbook has a section for each alert, and no other', async (t) => {
  const runbook = await readFile('docs/runbook.md', 'utf8');
  const sections = [...runbook.matchAll(/^### (Uniap\w+)$/gm)].map(([, name = '']) => name);
  const { groups } = await readRules();
  const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
  t.deepEqual(sections.toSorted(), alerts.map(({ alert = '' }) => alert).toSorted());
  for (const { alert = '', annotations, labels } of alerts) {
    t.is(annotations?.runbook_url, `docs/runbook.md#${alert.toLowerCase()}`);
    t.regex(labels?.severity ?? '', /^(critical|warning|info)$/);
  }
});
