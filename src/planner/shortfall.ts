import { at, range, sum } from './at.ts';
import { MEMORY_TOLERANCE } from './check.ts';
import type { Assignment, Problem } from './problem.ts';

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
 * Exact: memory is a sum over layers, so each layer takes its leanest allowed strategy in its stage, and what remains is
 * the choice of the stages' ends. `reach[i][u]`, the least worst excess of layers 0..u−1 in stages 0..i, follows from
 * the stage before by trying every first layer of stage i.
 */
export function leastExcess(problem: Problem): LeastExcess | null {
  const { layers, stages, memoryLimit } = problem;
  const leanest = layers.map((_, layer) => range(0, stages).map((stage) => leanestStrategy(problem, layer, stage)));
  let reach = [-Infinity, ...layers.map(() => Infinity)];
  const firstLayers: number[][] = [];
  for (const stage of range(0, stages)) {
    const bytes = leanest.map((byStage) => at(byStage, stage).bytes);
    // Sums are rounded, so what the checker forgives is forgiven here.
    const limit = at(memoryLimit, stage) * (1 + MEMORY_TOLERANCE);
    const before = reach;
    const ends = range(0, layers.length + 1).map((end) => bestBegin(before, bytes, limit, end));
    reach = ends.map((best) => best.excess);
    firstLayers.push(ends.map((best) => best.begin));
  }
  if (at(reach, layers.length) === Infinity) {
    return null;
  }
  const placement = placementOf(firstLayers, layers.length);
  const strategy = placement.map((stage, layer) => at(at(leanest, layer), stage).strategy);
  const { stage, bytes } = worstStage(problem, placement, leanest);
  const forgiven = at(reach, layers.length) <= 0;
  return { stage, bytes: forgiven ? Math.min(0, bytes) : bytes, assignment: { placement, strategy } };
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

interface Lean {
  readonly strategy: number;
  readonly bytes: number;
}

function leanestStrategy({ layers }: Problem, layer: number, stage: number): Lean {
  const { time, memory, perIteration } = at(layers, layer);
  const bytes = at(memory, stage).map((needed, k) =>
    Number.isFinite(at(at(time, stage), k)) && Number.isFinite(at(at(perIteration, stage), k)) ? needed : Infinity,
  );
  const least = Math.min(...bytes);
  return { strategy: bytes.indexOf(least), bytes: least };
}

/** Where a stage that ends before layer `end` should begin, given the least excess of the stages before it. */
function bestBegin(
  before: readonly number[],
  bytes: readonly number[],
  limit: number,
  end: number,
): { readonly begin: number; readonly excess: number } {
  let best = { begin: -1, excess: Infinity };
  let inside = 0;
  for (const begin of range(0, end).reverse()) {
    inside += at(bytes, begin);
    const excess = Math.max(at(before, begin), inside - limit);
    if (excess < best.excess) {
      best = { begin, excess };
    }
  }
  return best;
}

/** `firstLayers[i][end]`: where stage i begins if it ends before layer `end`. */
function placementOf(firstLayers: readonly (readonly number[])[], layers: number): number[] {
  const placement: number[] = [];
  let end = layers;
  for (const stage of range(0, firstLayers.length).reverse()) {
    const begin = at(at(firstLayers, stage), end);
    placement.unshift(...range(begin, end).map(() => stage));
    end = begin;
  }
  return placement;
}

function worstStage(
  { memoryLimit }: Problem,
  placement: readonly number[],
  leanest: readonly (readonly Lean[])[],
): { readonly stage: number; readonly bytes: number } {
  const excess = memoryLimit.map((limit, stage) => {
    const inside = leanest.filter((_, layer) => placement[layer] === stage);
    return sum(inside.map((byStage) => at(byStage, stage).bytes)) - limit;
  });
  const bytes = Math.max(...excess);
  return { stage: excess.indexOf(bytes), bytes };
}
