import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { InternalError } from '../../src/api/errors.ts';
import { createSolver, type Solver } from '../../src/planner/solver/solver.ts';
import { generate } from './generate.ts';

const problem = generate(1, { kind: 'blocks', feature: 'plain', layers: 6, strategies: 3, stages: 2 });
const limits = { timeLimitSeconds: 60, relativeGap: 1e-6 };

function broken(name: string, graceSeconds = 10): Solver {
  return createSolver({ worker: new URL(`./workers/${name}.ts`, import.meta.url), graceSeconds });
}

test('a worker answers what the caller would have found, one solve after another', async (t) => {
  await using solver = createSolver();
  const [first, second] = [await solver.solve(problem, limits), await solver.solve(problem, limits)];
  t.is(first.status, 'optimal');
  t.deepEqual({ ...first, seconds: 0 }, { ...second, seconds: 0 });
});

test('the linear forms are solved in a worker, too', async (t) => {
  await using solver = createSolver();
  const { evaluation } = await solver.solve(problem, limits);
  for (const form of ['grouped', 'path'] as const) {
    const answer = await solver.solve(problem, { ...limits, form });
    t.is(answer.form, form);
    t.true(Math.abs((answer.evaluation?.value ?? 0) - (evaluation?.value ?? 0)) < 1e-6);
  }
});

test('a crashed worker costs one solve, and is replaced', async (t) => {
  await using solver = broken('crash');
  const answers = [await solver.solve(problem, limits), await solver.solve(problem, limits)];
  for (const { status, lowerBound, failure } of answers) {
    t.is(status, 'unknown');
    t.is(lowerBound, -Infinity);
    t.truthy(failure);
  }
});

test('a solver that breaks down costs one solve, and says why', async (t) => {
  await using solver = broken('throw');
  const { status, failure } = await solver.solve(problem, limits);
  t.deepEqual([status, failure], ['unknown', 'WebAssembly ran out of memory']);
});

test('a stuck worker is ended when its time and the grace are over', async (t) => {
  await using solver = broken('hang', 0.1);
  t.is((await solver.solve(problem, { ...limits, timeLimitSeconds: 0.1 })).status, 'unknown');
});

test('a stuck worker is ended by the signal', async (t) => {
  await using solver = broken('hang');
  const stop = new AbortController();
  const answer = solver.solve(problem, limits, stop.signal);
  stop.abort();
  t.is((await answer).status, 'unknown');
});

test('a plan that the checker rejects is an internal error', async (t) => {
  await using solver = broken('disagree');
  await t.throwsAsync(solver.solve(problem, limits), { instanceOf: InternalError });
});

test('an idle solver does not keep the process alive', async (t) => {
  const script = `
    import { createSolver } from './src/planner/solver/solver.ts';
    import { generate } from './test/planner/generate.ts';
    const problem = generate(1, { kind: 'blocks', feature: 'plain', layers: 6, strategies: 3, stages: 2 });
    const { status } = await createSolver().solve(problem, { timeLimitSeconds: 60, relativeGap: 1e-6 });
    console.log(status);`;
  const root = new URL('../../', import.meta.url);
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
  t.is((await run).stdout.trim(), 'optimal');
});
