import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { solve } from '../../src/cli/solve.ts';
import { evaluate } from '../../src/planner/evaluate.ts';
import { problemOf, readInstances } from '../../src/planner/instance.ts';

const small = fileURLToPath(new URL('../planner/instances/small.json', import.meta.url));
const options = { timeLimitSeconds: 60, relativeGap: 1e-7 };

async function fileOf(t: { teardown: (fn: () => Promise<void>) => void }, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-solve-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'instances.json');
  await writeFile(file, text);
  return file;
}

test('every instance of a file is answered, in its order, by a plan of the value that is claimed', async (t) => {
  const instances = readInstances(JSON.parse(await readFile(small, 'utf8')));
  const solved = await solve(small, options);
  t.deepEqual(solved.map(({ name }) => name), instances.map(({ name }) => name)); // prettier-ignore
  for (const [index, instance] of instances.entries()) {
    const answer = solved[index];
    const { placement = [], strategy = [] } = answer ?? {};
    t.is(answer?.value, evaluate(problemOf(instance), { placement, strategy }).value);
    t.true(Math.abs((answer?.value ?? 0) - (instance.optimum ?? 0)) < 1e-3);
  }
});

test('an instance that no plan fits is infeasible, without value, bound or plan', async (t) => {
  const [first] = readInstances(JSON.parse(await readFile(small, 'utf8')));
  const file = await fileOf(t, JSON.stringify([{ name: 'tight', instance: { ...first?.instance, memoryLimit: 1 } }]));
  const [answer] = await solve(file, options);
  t.deepEqual(
    { ...answer, seconds: 0 },
    { name: 'tight', status: 'infeasible', value: null, lowerBound: null, placement: [], strategy: [], seconds: 0 },
  );
});

test('a file that is not JSON is refused by name', async (t) => {
  const file = await fileOf(t, '{');
  await t.throwsAsync(solve(file, options), { instanceOf: UserError, message: new RegExp(`^${file}: not JSON`) });
});

test('what is wrong in a file is said with its name', async (t) => {
  const file = await fileOf(t, '{}');
  await t.throwsAsync(solve(file, options), { instanceOf: UserError, message: new RegExp(`^${file}: the file: `) });
});

test('the command prints JSON and nothing else', async (t) => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, 'solve', '--gap', '0', small]);
  t.is(stderr, '');
  const answers: unknown = JSON.parse(stdout);
  t.true(Array.isArray(answers) && answers.length === 15);
});
