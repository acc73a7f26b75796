import test from 'ava';
import { InternalError } from '../../src/api/errors.ts';
import { confirm } from '../../src/planner/confirm.ts';
import { generate, kinds } from './generate.ts';
import { labelSetting } from './label-setting.ts';
import { threadlessSolver } from './threadless-solver.ts';

const options = { solver: threadlessSolver, timeLimitSeconds: 600, secondsEach: 600, relativeGap: 1e-7 };

const cases = kinds.map((kind, seed) => {
  const problem = generate(seed, { kind, feature: 'plain', layers: 6, strategies: 3, stages: 2 });
  return { kind, problem, optimum: labelSetting(problem) };
});

for (const { kind, problem, optimum } of cases.filter((each) => each.optimum < Infinity)) {
  test(`${kind}: HiGHS confirms that there is nothing below the optimum`, async (t) => {
    t.is(await confirm([problem, problem], optimum * (1 - 1e-7), options), 2);
  });

  test(`${kind}: HiGHS contradicts a search that stopped above the optimum`, async (t) => {
    await t.throwsAsync(confirm([problem], optimum * 1.01, options), {
      instanceOf: InternalError,
      message: /HiGHS found a plan of .* where none below .* was proved to be/,
    });
  });
}

test('without time nothing is confirmed, and nothing is claimed', async (t) => {
  const [first] = cases;
  t.is(await confirm(first === undefined ? [] : [first.problem], 1, { ...options, timeLimitSeconds: 0 }), 0);
});
