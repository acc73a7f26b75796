/** What a link of the planner's chain costs under each strategy, in each stage. */
import { at, range, sum } from '../planner/at.ts';
import type { LayerCosts } from '../planner/problem.ts';
import { canHave } from './agreements.ts';
import { splitsTokens } from './engines.ts';
import { chunksInFlight, microBatchesInFlight } from './in-flight.ts';
import type { LayerCost, LayerPricer } from './layer-cost.ts';
import type { PlacedLayer } from './layers.ts';
import type { Link, Member } from './chain.ts';
import { memoized } from './memoized.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

export interface Pricing {
  readonly workload: Workload;
  readonly candidate: Candidate;
  readonly strategies: readonly Strategy[];
  readonly pricer: (placed: PlacedLayer) => LayerPricer;
}

/** One row a stage, the same array for stages that hold as many micro-batches. `Infinity` where a member cannot be split so. */
export function linkCosts(link: Link, pricing: Pricing): Omit<LayerCosts, 'name'> {
  const { candidate, strategies } = pricing;
  const { members, inside, blocks } = link;
  const costs = strategies.map((_, k) => members.map((member) => costOf(member, k, pricing)));
  const row = (figure: (cost: LayerCost) => number, total = sum): readonly number[] =>
    costs.map((ofMembers) => total(ofMembers.map((cost) => (cost === null ? Infinity : figure(cost)))));
  const everyStage = (same: readonly number[]) => range(0, candidate.stages).map(() => same);
  const resharding = strategies.map((_, k) =>
    sum(inside.map((matrix, index) => at(at(matrix, members[index]?.fixed ?? k), members[index + 1]?.fixed ?? k))),
  );
  const time = row(({ computation, tensor, sharding }) => computation + tensor + sharding);
  const memory = memoized(
    (inFlight: number) => inFlight,
    (inFlight) => row((cost) => blocks * (cost.states + cost.gradients) + inFlight * cost.activations),
  );
  return {
    // Each of the passes through a stage takes it to one of its chunks.
    time: everyStage(time.map((seconds, k) => ((seconds + at(resharding, k)) * blocks) / candidate.virtualStages)),
    buffers: everyStage(
      row(
        ({ buffers }) => buffers,
        (bytes) => Math.max(...bytes),
      ),
    ),
    perIteration: everyStage(row(({ data, optimizer }) => blocks * (data + optimizer))),
    memory: range(0, candidate.stages).map((stage) => memory(heldBy(link, pricing, stage))),
  };
}

function costOf({ placed, fixed }: Member, k: number, { workload, strategies, pricer }: Pricing): LayerCost | null {
  const strategy = at(strategies, fixed ?? k);
  return canHave(placed, strategy) && splitsTokens(workload.planning.engine, placed.layer, strategy)
    ? pricer(placed)(strategy)
    : null;
}

/** Micro-batches whose activations a stage holds, of all blocks that a member stands for together. */
function heldBy({ chunk }: Link, { workload, candidate }: Pricing, stage: number): number {
  return chunk === undefined
    ? microBatchesInFlight(workload, candidate, stage)
    : Math.max(...chunksInFlight(workload, candidate, stage).map((counts) => at(counts, chunk)));
}
