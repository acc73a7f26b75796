/** Hetu-Galvatron's search beside ours, on the costs that its own functions give. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import { invariant } from '../../src/api/errors.ts';
import { search } from '../../src/planner/search.ts';
import { createSolver } from '../../src/planner/solver/solver.ts';
import { cpuSeconds } from '../cpu.ts';
import { runPython } from './environment.ts';
import { candidateOf, evaluatePlan, galvatronSpace, planOf, undominated, GalvatronPlan } from './galvatron-space.ts';

export interface Setting {
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly memoryGib: number;
  readonly batch: number;
}

/** One search's time and plan. */
export interface Found {
  /** CPU seconds. */
  readonly seconds: number;
  /** Of the plan: Σp + (c − 1) · max p + what nothing covers once per iteration. Seconds. */
  readonly value: number;
  /** What Galvatron's own final cost model says of it. Seconds. */
  readonly ownCost: number;
  readonly plan: string;
}

export interface GalvatronComparison {
  readonly setting: Setting;
  readonly theirs: Found;
  readonly ours: Found & { readonly candidates: number; readonly solved: number; readonly relativeGap: number };
  /** CPU seconds of Galvatron's cost functions, which its own time has in it and ours has not. */
  readonly tableSeconds: number;
}

const Searched = Type.Object({ seconds: Type.Number(), ownCost: Type.Number(), plan: GalvatronPlan });

export async function compareWithGalvatron(setting: Setting): Promise<GalvatronComparison> {
  const task = (name: string, ...more: readonly string[]) =>
    runPython('galvatron.py', [name, ...flagsOf(setting), ...more]);
  const theirs = Value.Parse(Searched, await task('search'));
  const text = JSON.stringify(await task('tables'));
  const space = galvatronSpace(text);
  const started = process.cpuUsage();
  await using solver = createSolver();
  const distinct = { ...space, candidates: undominated(space.candidates) };
  const result = await search(distinct, { solver, timeLimitSeconds: 300, relativeGap: 1e-6, confirm: false });
  const seconds = cpuSeconds(started);
  invariant(result.candidate && result.assignment, 'Galvatron found a plan, and the planner none');
  const ours = planOf(result.candidate, result.assignment);
  const same = candidateOf(space, theirs.plan);
  invariant(same, "Galvatron's plan is of no candidate");
  return {
    setting,
    theirs: {
      seconds: theirs.seconds,
      value: evaluatePlan(space, same, theirs.plan).value,
      ownCost: theirs.ownCost,
      plan: describe(theirs.plan),
    },
    ours: {
      seconds,
      value: result.value,
      ownCost: await ownCost(ours, (file) => task('price', '--plan', file)),
      plan: describe(ours),
      candidates: result.log.length,
      solved: result.log.filter(({ outcome }) => outcome === 'solved').length,
      relativeGap: result.relativeGap,
    },
    tableSeconds: space.seconds,
  };
}

function flagsOf({ nodes, gpusPerNode, memoryGib, batch }: Setting): readonly string[] {
  return [`--nodes=${nodes}`, `--gpus-per-node=${gpusPerNode}`, `--memory-gib=${memoryGib}`, `--batch=${batch}`];
}

async function ownCost(plan: GalvatronPlan, price: (file: string) => Promise<unknown>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-bench-'));
  try {
    const file = join(folder, 'plan.json');
    await writeFile(file, JSON.stringify(plan));
    return Value.Parse(Type.Number(), await price(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `pp4 c32 · 8 × tp2 sp fsdp ckpt, …` */
function describe({ pp, chunks, strategies }: GalvatronPlan): string {
  const words = strategies.map(([, tp, dp, { sp = 0, fsdp = 0, cpt = 0 }]) =>
    [
      tp > 1 ? `${sp === 1 ? 'ulysses' : 'tp'}${tp}` : '',
      dp > 1 ? `${fsdp === 1 ? 'zero3-' : 'zero2-'}${dp}` : '',
      cpt === 1 ? 'recompute' : '',
    ]
      .filter((word) => word !== '')
      .join('·'),
  );
  const counts = Map.groupBy(words, (word) => word);
  const layers = [...counts].map(([word, alike]) => `${alike.length} × ${word === '' ? 'unsplit' : word}`);
  return `pp${pp}, ${chunks} micro-batches, ${layers.join(', ')}`;
}
