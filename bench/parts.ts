/** The parts of the benchmarks, in the order in which they run. */
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { readInstances, type NamedInstance } from '../src/planner/instance.ts';
import { createSolver, type Solver } from '../src/planner/solver/solver.ts';
import { growthSeries, largeCases, paperCases, type Case, type Series } from './cases.ts';
import { measureCase } from './measurement.ts';
import { compareWithGalvatron, type Setting } from './peers/compare-galvatron.ts';
import { compareWithScip, scipInstances } from './peers/compare-scip.ts';
import type { Ablation, Growth, MeasuredCase, Results, Unlike } from './results.ts';
import { solveInstance } from './solve-instance.ts';

type Part = keyof Results;

/** What is known after each item: one after another, since they would take each other's time. */
async function* inTurn<T, R>(items: readonly T[], measure: (item: T) => Promise<R>): AsyncGenerator<readonly R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await measure(item));
    yield [...results];
  }
}

async function measured(wanted: Case): Promise<MeasuredCase> {
  const measurement = await measureCase(wanted);
  const { model, gpus } = wanted;
  process.stderr.write(`${model} on ${gpus}: ${measurement.commandSeconds.toFixed(1)} s\n`);
  return { model, gpus, ...measurement };
}

/** The paper's ablations: pipelining alone, and no pipelining. */
async function ablation(whole: Case): Promise<Ablation> {
  const step = async (wanted: Case): Promise<number | null> => (await measured(wanted)).plan?.stepSeconds ?? null;
  const { model, gpus } = whole;
  return {
    model,
    gpus,
    whole: await step(whole),
    interLayer: await step(restricted(whole, ['Pipeline'])),
    intraLayer: await step(restricted(whole, ['Tensor', 'Data', 'FullySharded'])),
  };
}

function restricted(wanted: Case, parallelisms: readonly string[]): Case {
  const job = parse(wanted.job) as { readonly spec: { readonly planning?: object } }; // a TrainingJob of our own
  const planning = { ...job.spec.planning, parallelisms };
  return { ...wanted, job: stringify({ ...job, spec: { ...job.spec, planning } }) };
}

async function growth({ name, points }: Series): Promise<Growth> {
  let found: Growth['points'] = [];
  for await (const results of inTurn(points, async ({ x, case: wanted }) => ({ x, ...(await measured(wanted)) }))) {
    found = results;
  }
  return { name, points: found };
}

/** Share by which a noisy profile's figures differ. */
const NOISE = 0.03;

/** Planning instances of the tests. */
async function instances(): Promise<readonly NamedInstance[]> {
  const text = await readFile(new URL('../test/planner/instances/transformers.json', import.meta.url), 'utf8');
  return readInstances(JSON.parse(text));
}

/** An instance with each layer's times off by up to 3%, as a profile of single layers has them. */
async function unlike(instance: NamedInstance, solver: Solver): Promise<Unlike> {
  return { name: instance.name, ...(await solveInstance(noisy(instance), solver)) };
}

/** A solver that has solved something already. */
async function warmSolver(): Promise<Solver> {
  const solver = createSolver();
  for (const instance of (await instances()).slice(0, 1)) await solveInstance(instance, solver);
  return solver;
}

function noisy({ name, instance }: NamedInstance): NamedInstance {
  const random = sequence();
  const layers = instance.layers.map((layer) => {
    const factor = 1 + NOISE * (2 * random() - 1);
    return { ...layer, time: layer.time.map((seconds) => seconds * factor) };
  });
  return { name, instance: { ...instance, layers } };
}

/** Numbers from 0 to 1, the same in every run (Park and Miller's minimal standard generator). */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const GALVATRON_SETTINGS: readonly Setting[] = [
  { nodes: 1, gpusPerNode: 8, memoryGib: 16, batch: 32 },
  { nodes: 1, gpusPerNode: 8, memoryGib: 24, batch: 32 },
  { nodes: 2, gpusPerNode: 8, memoryGib: 16, batch: 32 },
];

/** Each gives what it has after every item, so that a run that is stopped keeps what was measured. */
export const PARTS: Readonly<Record<Part, () => AsyncGenerator<Results>>> = {
  async *paper() {
    for await (const paper of inTurn(await paperCases(), measured)) yield { paper };
  },
  async *large() {
    for await (const large of inTurn(largeCases(), measured)) yield { large };
  },
  async *ablations() {
    for await (const ablations of inTurn(await paperCases(), ablation)) yield { ablations };
  },
  async *growth() {
    for await (const series of inTurn(growthSeries(), growth)) yield { growth: series };
  },
  async *unlike() {
    await using solver = await warmSolver();
    for await (const found of inTurn(await instances(), async (each) => unlike(each, solver))) yield { unlike: found };
  },
  async *galvatron() {
    for await (const galvatron of inTurn(GALVATRON_SETTINGS, compareWithGalvatron)) yield { galvatron };
  },
  async *scip() {
    await using solver = await warmSolver();
    for await (const scip of inTurn(await scipInstances(), async (each) => compareWithScip(each, solver)))
      yield { scip };
  },
};

export function isPart(name: string): name is Part {
  return name in PARTS;
}
