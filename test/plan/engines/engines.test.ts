import test from 'ava';
import { buildConfigMap } from '../../../src/plan/config-map.ts';
import { validatePlan } from '../../../src/plan/validate-plan.ts';
import { aJob } from '../builders.ts';
import { matchesGolden } from '../golden.ts';
import { CASES, type EngineCase } from './cases.ts';

/** What pods find in the plan's folder, their groups aside. */
function filesOf({ spec, plan }: EngineCase): Readonly<Record<string, string>> {
  const gang = { job: aJob({ spec }), plan, planName: 'llama-1', revision: 1 };
  return buildConfigMap(gang, spec.model.config ?? null).data ?? {};
}

for (const each of CASES) {
  test(`${each.name}: the files that pods mount are the ones that the engine's own parser takes`, async (t) => {
    const files = Object.entries(filesOf(each));
    t.true(files.some(([name]) => name === `${each.spec.planning.engine}.sh`));
    for (const [name, content] of files) await matchesGolden(t, `engines/${each.name}/${name}`, content);
  });
}

test('the plans of the cases are valid', (t) => {
  for (const { plan, spec } of CASES) {
    t.notThrows(() => {
      validatePlan(
        plan,
        plan.stages.flatMap(({ layers }) => layers).reduce((last, run) => Math.max(last, run.last), 0) + 1,
      );
    });
    t.is(plan.globalBatchSize, spec.training.globalBatchSize);
  }
});
