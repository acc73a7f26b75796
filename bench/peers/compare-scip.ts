/** SCIP on the paper's own program beside ours, on the planning instances of the tests. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import Value from 'typebox/value';
import { problemOf, readInstances } from '../../src/planner/instance.ts';
import { search } from '../../src/planner/search.ts';
import { createSolver } from '../../src/planner/solver/solver.ts';
import { cpuSeconds } from '../cpu.ts';
import { runPython } from './environment.ts';

const FILES = ['small', 'transformers'] as const;

/** What SCIP gets for an instance. CPU seconds. */
const LIMIT = 120;

const Solved = Type.Object({
  status: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
  seconds: Type.Number(),
});

export interface ScipComparison {
  readonly name: string;
  readonly layers: number;
  readonly stages: number;
  readonly scip: { readonly seconds: number; readonly value: number | null; readonly proved: boolean };
  /** With HiGHS' confirmation, as plans are made. */
  readonly ours: { readonly seconds: number; readonly value: number };
}

export async function compareWithScip(): Promise<readonly ScipComparison[]> {
  await using solver = createSolver();
  const compared: ScipComparison[] = [];
  for (const name of FILES) {
    const file = fileURLToPath(new URL(`../../test/planner/instances/${name}.json`, import.meta.url));
    for (const named of readInstances(JSON.parse(await readFile(file, 'utf8')))) {
      const { pipelineDegree: stages, microBatches, layers } = named.instance;
      const started = process.cpuUsage();
      const space = { candidates: [{ stages, microBatches }], problem: () => problemOf(named) };
      const { value } = await search(space, { solver, timeLimitSeconds: LIMIT, relativeGap: 1e-7 });
      const seconds = cpuSeconds(started);
      const scip = Value.Parse(Solved, await runPython('miqp.py', [file, named.name, `--time-limit=${LIMIT}`]));
      compared.push({
        name: named.name,
        layers: layers.length,
        stages,
        scip: { seconds: scip.seconds, value: scip.value, proved: scip.status === 'optimal' },
        ours: { seconds, value },
      });
    }
  }
  return compared;
}
