/**
 * What the solver's settings change: the table of docs/solver.md.
 *
 *     npm run bench:solver
 */
import { readFile, writeFile } from 'node:fs/promises';
import { problemOf, readInstances } from '../src/planner/instance.ts';
import type { SolveResult } from '../src/planner/problem.ts';
import { type SolveLimits, solveProblem } from '../src/planner/solve-problem.ts';
import { type HighsOptions, loadHighs } from '../src/planner/solver/highs.ts';

const INSTANCES = new URL('../test/planner/instances/transformers.json', import.meta.url);
const PAGE = new URL('../docs/solver.md', import.meta.url);
const MARKS = ['<!-- settings -->\n', '<!-- /settings -->'] as const;

interface Setting {
  readonly name: string;
  readonly limits?: Partial<SolveLimits>;
  readonly highs?: HighsOptions;
}

const SETTINGS: readonly Setting[] = [
  { name: 'as set: stage-wise search first' },
  { name: 'gap 10⁻²', limits: { relativeGap: 1e-2 } },
  { name: 'gap 10⁻⁹', limits: { relativeGap: 1e-9 } },
  { name: 'time limit 0.1 s', limits: { timeLimitSeconds: 0.1 } },
  { name: 'form: grouped', limits: { form: 'grouped' } },
  { name: 'form: path', limits: { form: 'path' } },
  { name: 'grouped, gap 10⁻²', limits: { form: 'grouped', relativeGap: 1e-2 } },
  { name: 'grouped, time limit 0.1 s', limits: { form: 'grouped', timeLimitSeconds: 0.1 } },
  { name: 'grouped, no presolve', limits: { form: 'grouped' }, highs: { presolve: 'off' } },
];

/** Seconds that one instance may take. */
const TIME_LIMIT = 10;

interface Row {
  readonly name: string;
  readonly results: readonly SolveResult[];
  readonly cpuSeconds: number;
}

async function measure({ name, limits, highs }: Setting): Promise<Row> {
  const solver = await loadHighs(highs);
  const instances = readInstances(JSON.parse(await readFile(INSTANCES, 'utf8')));
  const started = process.cpuUsage();
  const results: SolveResult[] = [];
  for (const instance of instances) {
    const all = { timeLimitSeconds: TIME_LIMIT, relativeGap: 1e-6, ...limits };
    results.push(await solveProblem(problemOf(instance), all, () => Promise.resolve(solver)));
  }
  const { user, system } = process.cpuUsage(started);
  return { name, results, cpuSeconds: (user + system) / 1e6 };
}

function line({ name, results, cpuSeconds }: Row): string {
  const proved = results.filter(({ status }) => status === 'optimal').length;
  const gaps = results.map(({ evaluation, lowerBound }) =>
    evaluation === null ? 1 : 1 - Math.min(1, lowerBound / evaluation.value),
  );
  const nodes = results.reduce((total, { solverNodes }) => total + solverNodes, 0);
  const worst = Math.max(...gaps) < 1e-9 ? '0' : Math.max(...gaps).toExponential(1);
  return `| ${name} | ${proved} of ${results.length} | ${worst} | ${nodes} | ${cpuSeconds.toFixed(2)} |`;
}

// What is compiled on the way is not to be counted to the first setting.
await measure({ name: 'warm-up' });
const rows: string[] = [];
for (const setting of SETTINGS) {
  rows.push(line(await measure(setting)));
  console.log(rows.at(-1));
}
const [open, close] = MARKS;
const page = await readFile(PAGE, 'utf8');
const [before = '', rest = ''] = page.split(open);
const table = ['| setting | proved | worst gap | nodes | CPU s, all |', '|---|---|---|---|---|', ...rows].join('\n');
await writeFile(PAGE, `${before}${open}${table}\n${close}${rest.split(close)[1] ?? ''}`);
