/** Candidates as the planner's tables. */
import { at, range } from '../planner/at.ts';
import type { Assignment, Problem, StageTable } from '../planner/problem.ts';
import { canHave } from './agreements.ts';
import { chainOf, type Chain, type Link } from './chain.ts';
import { blocksOf, crossings, interleavedChain } from './interleaving.ts';
import { layerPricer } from './layer-cost.ts';
import type { PlacedLayer } from './layers.ts';
import { linkCosts, type Pricing } from './link-costs.ts';
import { passingBytes, usableBytes } from './memory-limit.ts';
import { memoized } from './memoized.ts';
import type { Layout } from './price.ts';
import { strategiesOf } from './strategies.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

export interface Tables {
  readonly problem: Problem;
  /** Strategy k of the tables. */
  readonly strategies: readonly Strategy[];
  /** What an assignment of the problem stands for. */
  readonly layoutOf: (assignment: Assignment) => Layout;
}

/** The planning problem of one candidate, as {@link tablesFor} has it. */
export function tables(workload: Workload, candidate: Candidate): Tables | null {
  return tablesFor(workload)(candidate);
}

/**
 * The planning problem of each candidate of a workload; null where no strategy can be. Layers that cost the same share their
 * arrays, so do stages with equal rows, and candidates that differ in what tied layers agree on alone. `Infinity` stands for
 * a strategy that a layer cannot have.
 */
export function tablesFor(workload: Workload): (candidate: Candidate) => Tables | null {
  const pricersOf = memoized(
    ({ stages, microBatches, virtualStages }: Candidate) => `${stages} ${microBatches} ${virtualStages}`,
    (candidate) =>
      memoized(
        (placed: PlacedLayer) => placed,
        (placed) => layerPricer(placed, workload, candidate),
      ),
  );
  const shapes = memoized(
    ({ stages, microBatches, virtualStages, only }: Candidate) =>
      JSON.stringify([stages, microBatches, virtualStages, only?.all, only?.ends]),
    (candidate) => shapeOf(workload, candidate, pricersOf(candidate)),
  );
  return (candidate) => {
    const shape = shapes(candidate);
    return shape === null ? null : restricted(shape, candidate);
  };
}

/** What candidates share that differ in what blocks or tied layers agree on alone. */
interface Shape extends Tables {
  readonly links: readonly Link[];
}

function shapeOf(workload: Workload, candidate: Candidate, pricer: Pricing['pricer']): Shape | null {
  const strategies = strategiesOf(workload, candidate);
  if (strategies.length === 0) {
    return null;
  }
  const { links, edges, layoutOf } = chainFor(workload, candidate, strategies);
  const costsOf = memoized(likeness, (link: Link) => linkCosts(link, { workload, candidate, strategies, pricer }));
  const problem: Problem = {
    stages: candidate.stages,
    microBatches: candidate.microBatches * candidate.virtualStages,
    boundaryWeight: crossings(candidate),
    memoryLimit: memoryLimits(workload, candidate, strategies),
    layers: links.map((link) => ({ name: link.name, ...costsOf(link) })),
    reshard: edges.map(({ reshard }) => reshard),
    transfer: edges.map(({ transfer }) => transfer),
  };
  return { problem, strategies, links, layoutOf };
}

function chainFor(workload: Workload, candidate: Candidate, strategies: readonly Strategy[]): Chain {
  const blocks = candidate.virtualStages > 1 ? blocksOf(workload.model.layers) : null;
  return blocks === null
    ? chainOf(workload, candidate, strategies)
    : interleavedChain(workload, candidate, blocks, strategies);
}

/** What links of a chain that cost the same have in common. */
function likeness(link: Link): unknown {
  const [first, ...others] = link.members;
  return others.length === 0 ? first?.placed : link;
}

function memoryLimits(workload: Workload, candidate: Candidate, strategies: readonly Strategy[]): readonly number[] {
  const widest = Math.max(...strategies.map((strategy) => (strategy.sequenceParallel ? 1 : strategy.tensor)));
  return range(0, candidate.stages).map(
    (stage) => usableBytes(workload) - passingBytes(workload, candidate, stage, widest),
  );
}

/** The tables with infinite time for what layers do not agree on, and in stages that a link cannot be in. */
function restricted({ problem, links, ...shape }: Shape, { stages, only }: Candidate): Tables {
  const nowhere = shape.strategies.map(() => Infinity);
  const rowOf = memoized(likeness, (link: Link) => {
    const allowed = shape.strategies.map((strategy) =>
      link.members.every(({ placed, fixed }) => fixed !== undefined || canHave(placed, strategy, only)),
    );
    return allowed.every(Boolean)
      ? (row: readonly number[]) => row
      : memoized(
          (row: readonly number[]) => row,
          (row) => row.map((seconds, k) => (at(allowed, k) ? seconds : Infinity)),
        );
  });
  const timeOf = memoized(
    ({ link }: Placed) => (link.stage === undefined ? likeness(link) : link),
    ({ link, time }: Placed) =>
      range(0, stages).map((stage) =>
        link.stage === undefined || link.stage === stage ? rowOf(link)(at(time, stage)) : nowhere,
      ),
  );
  const layers = problem.layers.map((layer, index) => ({
    ...layer,
    time: timeOf({ link: at(links, index), time: layer.time }),
  }));
  return { ...shape, problem: { ...problem, layers } };
}

interface Placed {
  readonly link: Link;
  readonly time: StageTable;
}
