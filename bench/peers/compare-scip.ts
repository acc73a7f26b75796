/** SCIP on the paper's own program beside ours, on the planning instances of the tests. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import Value from 'typebox/value';
import { type NamedInstance, readInstances } from '../../src/planner/instance.ts';
import type { Solver } from '../../src/planner/solver/solver.ts';
import { solveInstance } from '../solve-instance.ts';
import { runPython } from './environment.ts';

const FILES = ['small', 'transformers'] as const;

/** What SCIP gets for an instance. CPU seconds. */
const LIMIT = 120;

const Answer = Type.Object({
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

interface ScipInstance {
  readonly file: string;
  readonly named: NamedInstance;
}

/** The instances of the planner's tests. */
export async function scipInstances(): Promise<readonly ScipInstance[]> {
  const files = FILES.map((name) =>
    fileURLToPath(new URL(`../../test/planner/instances/${name}.json`, import.meta.url)),
  );
  const read = await Promise.all(
    files.map(async (file) =>
      readInstances(JSON.parse(await readFile(file, 'utf8'))).map((named) => ({ file, named })),
    ),
  );
  return read.flat();
}

export async function compareWithScip({ file, named }: ScipInstance, solver: Solver): Promise<ScipComparison> {
  const { layers, stages, seconds, value } = await solveInstance(named, solver);
  const scip = Value.Parse(Answer, await runPython('miqp.py', [file, named.name, `--time-limit=${LIMIT}`]));
  return {
    name: named.name,
    layers,
    stages,
    scip: { seconds: scip.seconds, value: scip.value, proved: scip.status === 'optimal' },
    ours: { seconds, value },
  };
}
