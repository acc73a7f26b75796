/**
 * The chain that the planner is given: a link for each layer. Where an engine keeps embedding and head beside a block, one link
 * has both; where stages are interleaved, a link has a block for each chunk of a stage ({@link ./interleaving.ts}).
 */
import { at, range } from '../planner/at.ts';
import type { Assignment, Matrix } from '../planner/problem.ts';
import { edgesOf, type Edge } from './edges.ts';
import { engineLimits } from './engines.ts';
import { placedLayers, type PlacedLayer } from './layers.ts';
import type { Layout } from './price.ts';
import { agrees } from './strategies.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

export interface Link {
  /** For people. */
  readonly name: string;
  /** In the order of the model. */
  readonly members: readonly Member[];
  /** R between each member and the next. */
  readonly inside: readonly Matrix[];
  /** Layers that each member stands for. */
  readonly blocks: number;
  /** The chunk of the stage that they are in, where it is one. */
  readonly chunk?: number;
  /** The stage that they must be in, where there is one. */
  readonly stage?: number;
}

export interface Member {
  readonly placed: PlacedLayer;
  /** The strategy that it has whichever the link has. */
  readonly fixed?: number;
}

export interface Chain {
  readonly links: readonly Link[];
  /** Between each link and the next. */
  readonly edges: readonly Edge[];
  /** What an assignment of the links stands for. */
  readonly layoutOf: (assignment: Assignment) => Layout;
}

/** The chain of a candidate without virtual stages. */
export function chainOf(workload: Workload, candidate: Candidate, strategies: readonly Strategy[]): Chain {
  const layers = placedLayers(workload.model.layers);
  const edges = edgesOf(workload, candidate, strategies);
  const groups = membersOf(layers, workload, candidate, strategies);
  const firsts = groups.map((_, index) => groups.slice(0, index).flat().length);
  const links = groups.map((members, index) => {
    const [first, end] = [at(firsts, index), at(firsts, index) + members.length];
    return {
      name: workload.model.layers
        .slice(first, end)
        .map(({ name }) => name)
        .join(' + '),
      members,
      inside: edges.slice(first, end - 1).map(({ reshard }) => reshard),
      blocks: 1,
    };
  });
  const between = links.slice(1).map(({ members }, index) => {
    const { reshard, transfer } = at(edges, at(firsts, index + 1) - 1);
    const ends = [at(links, index).members.at(-1)?.fixed, members[0]?.fixed] as const;
    return { reshard: seenFrom(reshard, ...ends), transfer: seenFrom(transfer, ...ends) };
  });
  return { links, edges: between, layoutOf: (assignment) => layoutOf(assignment, links, strategies) };
}

/** Of each link. */
function membersOf(
  layers: readonly PlacedLayer[],
  { planning }: Workload,
  { stages, only }: Candidate,
  strategies: readonly Strategy[],
): readonly (readonly Member[])[] {
  const together = stages > 1 && engineLimits(planning.engine).blockInEachStage;
  return together
    ? besideBlocks(
        layers,
        strategies.findIndex((strategy) => agrees(strategy, only?.ends)),
      )
    : layers.map((placed) => [{ placed }]);
}

/** Each end with the block after it, the last ones with the block before them; ends have the strategy `fixed`. */
function besideBlocks(layers: readonly PlacedLayer[], fixed: number): readonly (readonly Member[])[] {
  const groups: Member[][] = [];
  let ends: Member[] = [];
  for (const placed of layers) {
    if (placed.repeated) {
      groups.push([...ends, { placed }]);
      ends = [];
    } else {
      ends.push({ placed, fixed });
    }
  }
  groups.at(-1)?.push(...ends);
  return groups;
}

/** A matrix of links whose strategies at the edge are fixed, or are those of the links. */
function seenFrom(matrix: Matrix, before: number | undefined, after: number | undefined): Matrix {
  if (before === undefined && after === undefined) {
    return matrix;
  }
  const strategies = range(0, matrix.length);
  return strategies.map((k) => strategies.map((l) => at(at(matrix, before ?? k), after ?? l)));
}

function layoutOf(
  { placement, strategy }: Assignment,
  links: readonly Link[],
  strategies: readonly Strategy[],
): Layout {
  return {
    placement: links.flatMap(({ members }, link) => members.map(() => at(placement, link))),
    strategies: links.flatMap(({ members }, link) =>
      members.map(({ fixed }) => at(strategies, fixed ?? at(strategy, link))),
    ),
  };
}
