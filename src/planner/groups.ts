import { at, range } from './at.ts';
import { reshardingClasses } from './classes.ts';
import type { LayerCosts, Matrix, Problem } from './problem.ts';
import type { States } from './states.ts';

/** A run of consecutive layers that a plan may treat as interchangeable: layers first, …, first + size − 1. */
export interface Group {
  readonly first: number;
  readonly size: number;
  /** The usable strategies, by classes that no edge of the run's layers can tell apart. */
  readonly classes: readonly (readonly number[])[];
}

/** With more classes there are too many subsets to forbid subtours in; such layers stay alone. */
const MAX_CLASSES = 5;

/**
 * The longest runs of layers with equal A, M, B, e and equal edges inside that the grouped form may count instead of place.
 * The form asks three things of R inside a run, checked here on the matrices; where one fails, every layer of the run is
 * a group of its own:
 *
 * - strategies of one class cost nothing among each other;
 * - the resharding costs between classes obey the triangle inequality;
 * - the classes are few.
 */
export function groupsOf(problem: Problem, states: States): Group[] {
  const groups: Group[] = [];
  let first = 0;
  for (const layer of range(1, problem.layers.length + 1)) {
    if (layer < problem.layers.length && continuesRun(problem, first, layer)) {
      continue;
    }
    const run = groupAt(problem, states, range(first, layer));
    const whole = run.size === 1 || interchangeable(at(problem.reshard, first), run.classes);
    groups.push(...(whole ? [run] : range(first, layer).map((alone) => groupAt(problem, states, [alone]))));
    first = layer;
  }
  return groups;
}

/** Whether `layer` equals the layers of the run that began at `first`, and is joined to it by an equal edge. */
function continuesRun({ layers, reshard, transfer }: Problem, first: number, layer: number): boolean {
  return (
    sameCosts(at(layers, first), at(layers, layer)) &&
    sameTable(at(reshard, first), at(reshard, layer - 1)) &&
    sameTable(at(transfer, first), at(transfer, layer - 1))
  );
}

const COSTS = ['time', 'memory', 'buffers', 'perIteration'] as const;

function sameCosts(a: LayerCosts, b: LayerCosts): boolean {
  return COSTS.every((cost) => sameTable(a[cost], b[cost]));
}

function sameTable(a: Matrix, b: Matrix): boolean {
  return a === b || (a.length === b.length && a.every((row, index) => sameRow(row, at(b, index))));
}

function sameRow(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
}

function groupAt({ reshard, transfer }: Problem, states: States, layers: readonly number[]): Group {
  const [first, last] = [at(layers, 0), at(layers, layers.length - 1)];
  const usable = new Set(layers.flatMap((layer) => at(states, layer).flat()));
  const edge = (layer: number): Matrix[] => [reshard[layer], transfer[layer]].filter((matrix) => matrix !== undefined);
  const inside = layers.length > 1 ? edge(first) : [];
  const classes = reshardingClasses(
    [...usable].sort((a, b) => a - b),
    {
      into: [...edge(first - 1), ...inside],
      outOf: [...inside, ...edge(last)],
    },
  );
  return { first, size: layers.length, classes };
}

function interchangeable(reshard: Matrix, classes: readonly (readonly number[])[]): boolean {
  const heads = classes.map((strategies) => at(strategies, 0));
  const cost = (from: number, to: number): number => at(at(reshard, from), to);
  return (
    heads.length <= MAX_CLASSES &&
    heads.every((a) => cost(a, a) === 0) &&
    heads.every((a) => heads.every((b) => heads.every((c) => cost(a, c) <= cost(a, b) + cost(b, c))))
  );
}
