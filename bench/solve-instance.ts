/** One planning instance of the tests, planned in this process. */
import { type NamedInstance, problemOf } from '../src/planner/instance.ts';
import { search } from '../src/planner/search.ts';
import type { Solver } from '../src/planner/solver/solver.ts';
import { cpuSeconds } from './cpu.ts';

const SETTINGS = { timeLimitSeconds: 120, relativeGap: 1e-7 };

export interface Solved {
  readonly layers: number;
  readonly stages: number;
  readonly value: number;
  readonly relativeGap: number;
  /** CPU seconds, with HiGHS' confirmation. */
  readonly seconds: number;
}

/** @param solver - started before, as in the operator: to load HiGHS takes 0.3 s once. */
export async function solveInstance(named: NamedInstance, solver: Solver): Promise<Solved> {
  const { pipelineDegree: stages, microBatches, layers } = named.instance;
  const started = process.cpuUsage();
  const space = { candidates: [{ stages, microBatches }], problem: () => problemOf(named) };
  const { value, relativeGap } = await search(space, { solver, ...SETTINGS });
  return { layers: layers.length, stages, value, relativeGap, seconds: cpuSeconds(started) };
}
