import test from 'ava';
import { bestPlan } from '../../../src/plan/best-plan.ts';
import { describeExplanation, describeVerdict } from '../../../src/plan/explain/describe.ts';
import { explain } from '../../../src/plan/explain/explain.ts';
import type { Alternative, Explanation } from '../../../src/plan/explain/explanation.ts';
import { RELATIVE_GAP } from '../../../src/plan/explain/resolve.ts';
import { createSolver, type Solver } from '../../../src/planner/solver/solver.ts';
import { aJobSpec } from '../builders.ts';
import { aSmallSite } from './sites.ts';

const solver: Solver = createSolver();
test.after.always(() => solver[Symbol.asyncDispose]());

async function explained(site: ReturnType<typeof aSmallSite>, timeLimitSeconds: number): Promise<Explanation> {
  const best = await bestPlan([site], aJobSpec().planning, { solver });
  if (best.kind !== 'found') throw new Error('no plan');
  return explain(best, { solver, timeLimitSeconds });
}

function speedsOf(alternatives: readonly Alternative[]): ReadonlyMap<string, number> {
  return new Map(
    alternatives.flatMap(({ title, verdict }) => (verdict.kind === 'plan' ? [[title, verdict.speed] as const] : [])),
  );
}

test('what is added makes no plan slower, what is taken away none faster', async (t) => {
  const { whatIfs, runnersUp, ablations, limits } = await explained(aSmallSite({ nodes: 2 }), 100);
  const speeds = speedsOf(whatIfs);
  for (const [title, speed] of speeds) {
    if (title.startsWith('without')) t.true(speed <= 1 + 1e-6, title);
    else t.true(speed >= 1 - 1e-6, title);
  }
  t.true((speeds.get('twice the arithmetic of each GPU') ?? 0) > 1.1);
  t.is(speeds.size, 7);
  t.true(runnersUp.length > 0);
  for (const [title, speed] of [...speedsOf(runnersUp), ...speedsOf(ablations)]) t.true(speed <= 1 + 1e-6, title);
  t.true(speedsOf(ablations).size >= 6);
  t.regex(limits.join(), /computation .*memory of stage 0 is .*full/);
});

test('where memory binds, more of it is worth something', async (t) => {
  const memoryLimitBytes = 1.2 * 2 ** 30;
  const { whatIfs } = await explained(
    aSmallSite({ planning: { memoryLimitBytes, parallelisms: ['Data', 'FullySharded'] } }),
    100,
  );
  t.true((speedsOf(whatIfs).get('4 GiB more on each GPU') ?? 0) > 1 + RELATIVE_GAP);
});

test('without time for a search it says what is known all the same', async (t) => {
  const { whatIfs, runnersUp } = await explained(aSmallSite(), 0);
  const words = new Map(whatIfs.map(({ title, verdict }) => [title, describeVerdict(verdict)]));
  t.is(words.get('4 GiB more on each GPU'), 'at least as fast');
  t.regex(words.get('twice the arithmetic of each GPU') ?? '', /^at least \d+% faster$/);
  t.true(runnersUp.every(({ verdict }) => /^(at least \S+ slower|not found in time)$/.test(describeVerdict(verdict))));
});

test('verdicts in words: what is not proved is a bound', (t) => {
  const plan = (speed: number, speedLimit: number) =>
    describeVerdict({ kind: 'plan', parallelism: 'dp8', microBatches: 1, stepSeconds: 1, speed, speedLimit });
  t.is(plan(1.11, 1.11), '11% faster');
  t.is(plan(2.31, 2.31), '2.3× faster');
  t.is(plan(0.43, 0.43), '2.3× slower');
  t.is(plan(1, 1.004), 'as fast');
  t.is(plan(1, Infinity), 'at least as fast');
  t.is(plan(1.11, 1.5), 'at least 11% faster');
  t.is(plan(0.5, 0.9), '11% to 2× slower');
  t.is(plan(0.5, 1.2), 'at most 2× slower');
  t.is(describeVerdict({ kind: 'unknown', speedLimit: 0.8 }), 'at least 25% slower');
  t.is(describeVerdict({ kind: 'unknown' }), 'not found in time');
});

test('for a terminal, at most 100 columns wide', (t) => {
  const verdict = {
    kind: 'plan',
    parallelism: 'pp16 · tp8 · sp · fsdp64 (96 of 98 layers)',
    microBatches: 768,
    stepSeconds: 1,
    speed: 0.5,
    speedLimit: 0.9,
  } as const;
  const text = describeExplanation({
    limits: ['computation 80% of the step', 'memory of stage 0 is 98% full'],
    whatIfs: [{ title: 'without InfiniBand, over Ethernet of 10 Gbit/s a node', verdict }],
    runnersUp: [],
    ablations: [],
  });
  t.true(
    text.split('\n').every((line) => line.length <= 100),
    text,
  );
  t.notRegex(text, /RUNNERS-UP/);
});
