/**
 * Interleaved 1F1B (arXiv 2104.04473, section 2.2) in the planner's terms, which know of no virtual stages. What repeats is
 * planned v blocks at a time: one *bundle* puts a block into each of the v chunks of its stage. All layers have one layout of
 * activations, so that it does not matter to resharding and transfers which blocks these are. What comes before the blocks is
 * in the first chunk, with a block; what comes after is in the last one, with a block.
 *
 * A stage makes v · c passes of 1/v of its time each, p. A pass crosses one boundary, o. With as many micro-batches in a round
 * as stages, the first one waits for every boundary on its way through all chunks, {@link crossings} w times as many as there
 * are, and each of them delays the round. So the planner's objective is
 *
 *     Σ p + w Σ o + (v c − 1) · max(p, o) + max e
 *
 * Played through, equal stages take exactly that long as long as an activation (half of o) is sent in the time of a forward pass.
 */
import type { Layer } from '../model/layer.ts';
import { at, range } from '../planner/at.ts';
import type { Assignment } from '../planner/problem.ts';
import type { Chain, Link } from './chain.ts';
import { divisors } from './divisors.ts';
import { edgesOf } from './edges.ts';
import { placedLayers, type PlacedLayer } from './layers.ts';
import type { Layout } from './price.ts';
import type { Candidate, Strategy, Workload } from './workload.ts';

/** Where the blocks of a chain are. */
interface Blocks {
  readonly first: number;
  readonly count: number;
}

/** The blocks of a model that repeats one kind of layer, in one run, and relays nothing; null for other models. */
export function blocksOf(layers: readonly Layer[]): Blocks | null {
  const kinds = [...Map.groupBy(layers, ({ kind }) => kind).values()].filter(({ length }) => length > 1);
  const [blocks, ...others] = kinds;
  const [block] = blocks ?? [];
  if (blocks === undefined || block === undefined || others.length > 0) {
    return null;
  }
  const first = layers.indexOf(block);
  const inOneRun = layers.slice(first, first + blocks.length).every(({ kind }) => kind === block.kind);
  return inOneRun && layers.every(({ relayedElements }) => relayedElements === 0)
    ? { first, count: blocks.length }
    : null;
}

/** Numbers of chunks that the stages of a candidate can have: each gets equally many of its stage's blocks, one at least. */
export function virtualStagesOf(
  { model, planning }: Pick<Workload, 'model' | 'planning'>,
  { stages, microBatches }: Pick<Candidate, 'stages' | 'microBatches'>,
): readonly number[] {
  const blocks = blocksOf(model.layers);
  const possible =
    planning.schedule !== 'Interleaved1F1B' || stages === 1 || microBatches % stages !== 0 || blocks === null
      ? [1]
      : divisors(blocks.count).filter((chunks) => chunks === 1 || blocks.count / chunks >= stages);
  return possible.filter((chunks) => planning.virtualStages === undefined || chunks === planning.virtualStages);
}

/** The chain of a candidate with virtual stages. */
export function interleavedChain(
  workload: Workload,
  candidate: Candidate,
  blocks: Blocks,
  strategies: readonly Strategy[],
): Chain {
  const links = linksOf(placedLayers(workload.model.layers), blocks, candidate);
  // All layers have one layout, and boundaries are between blocks: one edge stands for all.
  const edge = at(edgesOf(workload, candidate, strategies), blocks.first);
  return {
    links,
    edges: links.slice(1).map(() => edge),
    layoutOf: (assignment) => layoutOf(assignment, blocks, candidate, strategies),
  };
}

function linksOf(
  layers: readonly PlacedLayer[],
  { first, count }: Blocks,
  { stages, virtualStages }: Candidate,
): readonly Link[] {
  const end = (place: Pick<Link, 'stage' | 'chunk'>) => (placed: PlacedLayer) =>
    linkOf(placed, { blocks: 1, ...place });
  const bundle = (place: Pick<Link, 'stage'> = {}) => linkOf(at(layers, first), { blocks: virtualStages, ...place });
  return [
    ...layers.slice(0, first).map(end({ stage: 0, chunk: 0 })),
    bundle({ stage: 0 }),
    ...range(1, count / virtualStages - 1).map(() => bundle()),
    bundle({ stage: stages - 1 }),
    ...layers.slice(first + count).map(end({ stage: stages - 1, chunk: virtualStages - 1 })),
  ];
}

function linkOf(placed: PlacedLayer, rest: Pick<Link, 'blocks' | 'stage' | 'chunk'>): Link {
  return { name: placed.layer.name, members: [{ placed }], inside: [], ...rest };
}

/**
 * How often a micro-batch crosses each boundary between stages: once for each chunk, and the way back from the last stage to the
 * first between chunks, which is shared among the boundaries.
 */
export function crossings({ stages, virtualStages }: Candidate): number {
  return virtualStages === 1 ? 1 : virtualStages + (virtualStages - 1) / (stages - 1);
}

/** Each bundle gives a block to each chunk, in its place among the bundles. */
function layoutOf(
  { placement, strategy }: Assignment,
  { first, count }: Blocks,
  { stages, virtualStages }: Candidate,
  strategies: readonly Strategy[],
): Layout {
  const end = first + count / virtualStages;
  const inChunk = (links: readonly number[], chunk: number) =>
    links.map((link) => ({
      chunk: chunk * stages + at(placement, link),
      strategy: at(strategies, at(strategy, link)),
    }));
  const seats = [
    ...inChunk(range(0, first), 0),
    ...range(0, virtualStages).flatMap((chunk) => inChunk(range(first, end), chunk)),
    ...inChunk(range(end, placement.length), virtualStages - 1),
  ];
  return { placement: seats.map(({ chunk }) => chunk), strategies: seats.map((seat) => seat.strategy) };
}
