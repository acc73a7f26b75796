/** Hetu-Galvatron's search space, with its costs, as the planner's problems. */
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { evaluate } from '../../src/planner/evaluate.ts';
import type { Assignment, Evaluation, LayerCosts, Problem } from '../../src/planner/problem.ts';
import type { Candidate } from '../../src/planner/search.ts';

/** [pp, tp, dp, {tp: consecutive, fsdp, sp, cpt}], as Galvatron writes it. */
const GalvatronStrategy = Type.Tuple([
  Type.Integer(),
  Type.Integer(),
  Type.Integer(),
  Type.Record(Type.String(), Type.Integer()),
]);
const Costs = Type.Array(Type.Number());

/** What its outer loops fix. */
const Fixed = {
  pp: Type.Integer(),
  chunks: Type.Integer(),
  minTp: Type.Integer(),
  maxTp: Type.Integer(),
  vsp: Type.Integer(),
  embedSdp: Type.Integer(),
  spSearch: Type.Integer(),
};

const Space = Type.Object({
  ...Fixed,
  limit: Type.Integer(),
  strategies: Type.Array(GalvatronStrategy),
  time: Costs,
  perIteration: Costs,
  memory: Type.Array(Costs),
  reshard: Type.Array(Costs),
  others: Type.Array(Type.Object({ vtp: Type.Integer(), memory: Costs, time: Costs })),
});

const Spaces = Type.Object({ layers: Type.Integer(), seconds: Type.Number(), spaces: Type.Array(Space) });

export const GalvatronPlan = Type.Object({
  ...Fixed,
  vtp: Type.Integer(),
  division: Type.Array(Type.Integer()),
  strategies: Type.Array(GalvatronStrategy),
});
export type GalvatronPlan = Static<typeof GalvatronPlan>;

type Space = Static<typeof Space>;
type Other = Space['others'][number];

/** One choice of its outer loops, and of the degree of embedding and head. */
export interface GalvatronCandidate extends Candidate {
  readonly space: Space;
  readonly other: Other;
}

export interface GalvatronSpace {
  readonly candidates: readonly GalvatronCandidate[];
  /** CPU seconds that its cost functions took for the tables. */
  readonly seconds: number;
  problem(candidate: GalvatronCandidate): Problem;
}

export function galvatronSpace(text: string): GalvatronSpace {
  const { layers, seconds, spaces } = Value.Parse(Spaces, JSON.parse(text));
  const candidates = spaces.flatMap((space) =>
    space.others.map((other) => ({ stages: space.pp, microBatches: space.chunks, space, other })),
  );
  return { candidates, seconds, problem: (candidate) => problemOf(candidate, layers) };
}

/**
 * The candidates without those that another one is at least as good as, which has all of their strategies at the same costs,
 * as much memory for blocks in every stage, and no dearer embedding and head. Galvatron's outer loops, over the least and the
 * largest tensor degree and the kind of sequence parallelism, go over most plans many times.
 */
export function undominated(candidates: readonly GalvatronCandidate[]): readonly GalvatronCandidate[] {
  const alike = Map.groupBy(candidates, ({ stages, microBatches }) => `${stages} ${microBatches}`);
  return [...alike.values()].flatMap((group) => {
    const offers = group.map(offerOf);
    return offers
      .filter((offer, index) =>
        offers.every((other, place) => !covers(other, offer) || (covers(offer, other) && place >= index)),
      )
      .map(({ candidate }) => candidate);
  });
}

interface Offer {
  readonly candidate: GalvatronCandidate;
  /** Index of each strategy in the tables. */
  readonly strategies: ReadonlyMap<string, number>;
  /** Memory for blocks, by stage. */
  readonly room: readonly number[];
}

function offerOf(candidate: GalvatronCandidate): Offer {
  const { space, other } = candidate;
  return {
    candidate,
    strategies: new Map(space.strategies.map((strategy, index) => [JSON.stringify(strategy), index])),
    room: other.memory.map((megabytes) => space.limit - megabytes),
  };
}

function covers(a: Offer, b: Offer): boolean {
  return (
    a.room.every((room, stage) => room >= (b.room[stage] ?? 0)) &&
    a.candidate.other.time.every((seconds, stage) => seconds <= (b.candidate.other.time[stage] ?? 0)) &&
    sameCosts(a, b)
  );
}

/** Whether every strategy of `b` is one of `a`, at the same costs. */
function sameCosts(a: Offer, b: Offer): boolean {
  const places = [...b.strategies].map(([strategy, index]) => [index, a.strategies.get(strategy)] as const);
  const rows = ({ candidate: { space } }: Offer) => [space.time, space.perIteration, ...space.memory];
  const others = rows(a);
  return (
    places.every(([, place]) => place !== undefined) &&
    rows(b).every((row, table) => places.every(([index, place = -1]) => others[table]?.[place] === row[index])) &&
    places.every(([from, fromPlace = -1]) =>
      places.every(
        ([to, toPlace = -1]) =>
          a.candidate.space.reshard[fromPlace]?.[toPlace] === b.candidate.space.reshard[from]?.[to],
      ),
    )
  );
}

/** Costs below are no costs: Galvatron breaks ties by them. Seconds. */
const TIE_BREAK = 1e-8;

/**
 * Blocks with Galvatron's time and memory of each strategy. Embedding and head stand in the first and last block's time, and
 * come off the memory of their stages. What it counts once per iteration is the exchange of gradients that nothing covers. Sends between
 * stages are in its blocks' times.
 */
function problemOf({ space, other }: GalvatronCandidate, layers: number): Problem {
  const { pp, chunks, limit, time, perIteration, memory, reshard } = space;
  const everyStage = <T>(row: T): readonly T[] => memory.map(() => row);
  const costs = (name: string, extra: number): LayerCosts => ({
    name,
    time: everyStage(extra === 0 ? time : time.map((seconds) => seconds + extra)),
    memory,
    perIteration: everyStage(perIteration),
    buffers: everyStage(time.map(() => 0)),
  });
  const [first, inner, last] = [other.time[0] ?? 0, 0, pp === 1 ? 0 : (other.time.at(-1) ?? 0)].map((extra, index) =>
    costs(`block ${index}`, extra),
  );
  const free = reshard.map((row) => row.map((seconds) => (seconds < TIE_BREAK ? 0 : seconds)));
  const nothing = reshard.map((row) => row.map(() => 0));
  const middle = Array.from({ length: layers - 2 }, () => inner);
  return {
    stages: pp,
    microBatches: chunks,
    boundaryWeight: 1,
    memoryLimit: other.memory.map((megabytes) => limit - megabytes),
    layers: [first, ...middle, last].filter((layer) => layer !== undefined),
    reshard: Array.from({ length: layers - 1 }, () => free),
    transfer: Array.from({ length: layers - 1 }, () => nothing),
  };
}

/** The candidate that a plan of Galvatron's is one of. */
export function candidateOf(space: GalvatronSpace, plan: GalvatronPlan): GalvatronCandidate | undefined {
  const fixed = Object.keys(Fixed) as (keyof typeof Fixed)[]; // Object.keys forgets which
  return space.candidates.find(
    (candidate) => candidate.other.vtp === plan.vtp && fixed.every((name) => candidate.space[name] === plan[name]),
  );
}

/** What a plan of Galvatron's takes by the planner's measure. */
export function evaluatePlan(space: GalvatronSpace, candidate: GalvatronCandidate, plan: GalvatronPlan): Evaluation {
  const known = candidate.space.strategies.map((strategy) => JSON.stringify(strategy));
  const assignment: Assignment = {
    placement: plan.division.flatMap((count, stage) => Array.from({ length: count }, () => stage)),
    strategy: plan.strategies.map((strategy) => known.indexOf(JSON.stringify(strategy))),
  };
  return evaluate(space.problem(candidate), assignment);
}

/** An assignment in Galvatron's words. */
export function planOf({ space, other }: GalvatronCandidate, { placement, strategy }: Assignment): GalvatronPlan {
  const { pp, chunks, minTp, maxTp, vsp, embedSdp, spSearch, strategies } = space;
  return {
    ...{ pp, chunks, minTp, maxTp, vsp, embedSdp, spSearch, vtp: other.vtp },
    division: Array.from({ length: pp }, (_, stage) => placement.filter((each) => each === stage).length),
    strategies: strategy.flatMap((index) => (strategies[index] === undefined ? [] : [strategies[index]])),
  };
}
