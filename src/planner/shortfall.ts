import { at, range } from './at.ts';
import { MEMORY_TOLERANCE } from './check.ts';
import { evaluate } from './evaluate.ts';
import type { Assignment, LayerCosts, Problem } from './problem.ts';

/** The plan that exceeds memory by least. */
export interface LeastExcess {
  /** By how much the stage that is worst off exceeds its limit; at most 0 where the plan fits. Bytes. */
  readonly bytes: number;
  /** That stage. */
  readonly stage: number;
  readonly assignment: Assignment;
}

export interface Shortfall<Candidate> extends LeastExcess {
  readonly candidate: Candidate;
}

/**
 * Of all plans for a problem, the one whose worst stage exceeds its memory limit by least; null where there is no plan
 * at all (fewer layers than stages, or a layer without any allowed strategy). Resharding is taken to be possible between
 * any two strategies.
 *
 * Exact: given the largest buffer that a stage may need, memory is a sum over layers, so that each layer takes its
 * leanest strategy of at most that buffer; which buffer is best for the stage is found by trying all. What remains is the
 * choice of the stages' ends. `reach[i][u]`, the least worst excess of layers 0..u−1 in stages 0..i, follows from the
 * stage before by trying every first layer of stage i.
 */
export function leastExcess(problem: Problem): LeastExcess | null {
  const { layers, stages, memoryLimit } = problem;
  let reach = [-Infinity, ...layers.map(() => Infinity)];
  const runs: (readonly Run[])[] = [];
  for (const stage of range(0, stages)) {
    const ends = leastRuns(reach, leanestByBuffer(problem, stage), at(memoryLimit, stage));
    reach = ends.map(({ excess }) => excess);
    runs.push(ends);
  }
  if (at(reach, layers.length) === Infinity) {
    return null;
  }
  const assignment = assignmentOf(problem, runs);
  const { stage, bytes } = worstStage(problem, assignment);
  const forgiven = at(reach, layers.length) <= 0;
  return { stage, bytes: forgiven ? Math.min(0, bytes) : bytes, assignment };
}

/**
 * By how many bytes at least a job that no plan fits exceeds memory, and where: the least of {@link leastExcess} over
 * all candidates, the first of equals; null where no candidate has any plan.
 */
export function shortfall<Candidate>(
  candidates: readonly Candidate[],
  problemOf: (candidate: Candidate) => Problem | null,
): Shortfall<Candidate> | null {
  let least: Shortfall<Candidate> | null = null;
  for (const candidate of candidates) {
    const problem = problemOf(candidate);
    const excess = problem === null ? null : leastExcess(problem);
    if (excess !== null && (least === null || excess.bytes < least.bytes)) {
      least = { candidate, ...excess };
    }
  }
  return least;
}

/** The leanest strategies of a stage's layers that need at most so large a buffer. */
interface Leanest {
  readonly buffer: number;
  /** One entry a layer; −1 where it has none. */
  readonly strategies: readonly number[];
  /** One entry a layer; Infinity where it has none. */
  readonly bytes: readonly number[];
}

/** Layers `begin`, …, up to where the run ends, in one stage. */
interface Run {
  readonly begin: number;
  /** Of the worst stage so far. Bytes. */
  readonly excess: number;
  readonly leanest: Leanest | null;
}

/** One entry for each buffer that some strategy needs, from the least. Layers that share their rows are looked at once. */
function leanestByBuffer({ layers }: Problem, stage: number): Leanest[] {
  const known = new Map<readonly number[], Strategies>();
  const all = layers.map((layer) => {
    const row = at(layer.memory, stage);
    const before = known.get(row);
    const strategies = before !== undefined && sharesCosts(before.layer, layer, stage) ? before : allowed(layer, stage);
    known.set(row, strategies);
    return strategies;
  });
  const distinct = [...new Set(all)];
  const needs = new Set(distinct.flatMap(({ choices }) => choices.map(({ buffer }) => buffer)));
  return [...needs]
    .sort((a, b) => a - b)
    .map((buffer) => {
      const leanest = new Map(distinct.map((strategies) => [strategies, leanestOf(strategies, buffer)]));
      const chosen = all.map((strategies) => leanest.get(strategies) ?? NONE);
      return { buffer, strategies: chosen.map(({ strategy }) => strategy), bytes: chosen.map(({ bytes }) => bytes) };
    });
}

/** The strategies that a layer may have in a stage. */
interface Strategies {
  readonly layer: LayerCosts;
  readonly choices: readonly (typeof NONE)[];
}

function sharesCosts(one: LayerCosts, other: LayerCosts, stage: number): boolean {
  return (['time', 'buffers', 'perIteration'] as const).every((cost) => one[cost][stage] === other[cost][stage]);
}

function leanestOf({ choices }: Strategies, buffer: number): typeof NONE {
  return choices.reduce(
    (least, choice) => (choice.buffer <= buffer && choice.bytes < least.bytes ? choice : least),
    NONE,
  );
}

const NONE = { strategy: -1, bytes: Infinity, buffer: Infinity };

function allowed(layer: LayerCosts, stage: number): Strategies {
  const { time, memory, buffers, perIteration } = layer;
  const choices = at(memory, stage).flatMap((bytes, strategy) => {
    const buffer = at(at(buffers, stage), strategy);
    const costs = [bytes, buffer, at(at(time, stage), strategy), at(at(perIteration, stage), strategy)];
    return costs.every(Number.isFinite) ? [{ strategy, bytes, buffer }] : [];
  });
  return { layer, choices };
}

/** `runs[end]`: the run before layer `end` that is best in a stage, given the least excess of the stages before it. */
function leastRuns(before: readonly number[], leanest: readonly Leanest[], memoryLimit: number): Run[] {
  // Sums are rounded, so what the checker forgives is forgiven here.
  const limit = memoryLimit * (1 + MEMORY_TOLERANCE);
  return range(0, before.length).map((end) => {
    let best: Run = { begin: -1, excess: Infinity, leanest: null };
    for (const choice of leanest) {
      let inside = choice.buffer;
      for (let begin = end - 1; begin >= 0 && inside - limit < best.excess; begin -= 1) {
        inside += at(choice.bytes, begin);
        const excess = Math.max(at(before, begin), inside - limit);
        best = excess < best.excess ? { begin, excess, leanest: choice } : best;
      }
    }
    return best;
  });
}

/** `runs[i][end]`: what stage i holds if it ends before layer `end`. */
function assignmentOf({ layers }: Problem, runs: readonly (readonly Run[])[]): Assignment {
  const placement: number[] = [];
  const strategy: number[] = [];
  let end = layers.length;
  for (const stage of range(0, runs.length).reverse()) {
    const { begin, leanest } = at(at(runs, stage), end);
    placement.unshift(...range(begin, end).map(() => stage));
    strategy.unshift(...(leanest?.strategies.slice(begin, end) ?? []));
    end = begin;
  }
  return { placement, strategy };
}

function worstStage(problem: Problem, assignment: Assignment): { readonly stage: number; readonly bytes: number } {
  const { stageMemory } = evaluate(problem, assignment);
  const excess = problem.memoryLimit.map((limit, stage) => at(stageMemory, stage) - limit);
  const bytes = Math.max(...excess);
  return { stage: excess.indexOf(bytes), bytes };
}
