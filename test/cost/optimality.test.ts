/** Plans against brute force over layouts that are enumerated and priced one by one, with the rules written down once more. */
import test, { type ExecutionContext } from 'ava';
import { tiedParts } from '../../src/cost/agreements.ts';
import { candidatesOf } from '../../src/cost/candidates.ts';
import { priceOf, type Layout } from '../../src/cost/price.ts';
import { tablesFor } from '../../src/cost/tables.ts';
import type { Candidate, Strategy, Workload } from '../../src/cost/workload.ts';
import { range } from '../../src/planner/at.ts';
import type { Assignment } from '../../src/planner/problem.ts';
import { search } from '../../src/planner/search.ts';
import { threadlessSolver } from '../planner/threadless-solver.ts';
import { aStrategy, aWorkload, SMALL_LLAMA, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

async function planned(workload: Workload): Promise<number> {
  const tablesOf = tablesFor(workload);
  const parts = (candidate: Candidate, assignment: Assignment): readonly Candidate[] => {
    const layout = tablesOf(candidate)?.layoutOf(assignment);
    return layout === undefined ? [] : tiedParts(workload, candidate, layout);
  };
  const { value } = await search(
    { candidates: candidatesOf(workload), problem: (candidate) => tablesOf(candidate)?.problem ?? null, parts },
    { solver: threadlessSolver, timeLimitSeconds: 60, relativeGap: 1e-9, confirm: false },
  );
  return value;
}

interface Case {
  readonly candidate: Candidate;
  readonly layout: Layout;
}

function bruteForce(workload: Workload, cases: Iterable<Case>): number {
  let least = Infinity;
  for (const { candidate, layout } of cases) {
    const { stepSeconds, fits } = priceOf(workload, candidate, layout);
    if (fits) least = Math.min(least, stepSeconds);
  }
  return least;
}

/** Every list of `length` of the items. */
function lists<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  return range(0, length).reduce<readonly (readonly T[])[]>(
    (shorter) => shorter.flatMap((list) => items.map((item) => [...list, item])),
    [[]],
  );
}

/** Every way to cut layers into chunks in order, none empty. */
function placements(layers: number, chunks: number): readonly (readonly number[])[] {
  return lists(range(0, chunks), layers).filter(
    (placement) =>
      placement[0] === 0 &&
      placement.at(-1) === chunks - 1 &&
      placement.every((chunk, layer) => layer === 0 || [0, 1].includes(chunk - (placement[layer - 1] ?? 0))),
  );
}

type Planning = Workload['planning'];

/** GPUs of a node, inside which tensor groups stay if they can. */
const NODE = 2;

/** Every split of a layer on the GPUs of a stage. */
function splits(
  gpus: number,
  { zeroStages, recomputations }: Pick<Planning, 'zeroStages' | 'recomputations'>,
): readonly Strategy[] {
  const dividing = (number: number) => [1, 2, 4].filter((divisor) => number % divisor === 0);
  return dividing(gpus).flatMap((tensor) =>
    dividing(gpus / tensor).flatMap((shards) =>
      (shards === 1 ? ([3] as const) : zeroStages).flatMap((zeroStage) =>
        recomputations.map((recomputation) =>
          aStrategy({
            tensor,
            sequenceParallel: tensor > 1,
            shards,
            replicas: gpus / tensor / shards,
            zeroStage,
            recomputation,
          }),
        ),
      ),
    ),
  );
}

/** What the layers embedding, block, block, head of a plan may be. */
type Rule = (plan: {
  readonly strategies: readonly Strategy[];
  readonly placement: readonly number[];
  readonly candidate: Candidate;
}) => boolean;

const GPUS = 4;
const BATCH = 4;
const LAYERS = 4;

function layouts(planning: Pick<Planning, 'zeroStages' | 'recomputations'>, rule: Rule): readonly Case[] {
  const shapes = [1, 2, 4].flatMap((stages) => [1, 2, 4].map((microBatches) => ({ stages, microBatches })));
  return shapes.flatMap((shape) => {
    const candidate = { ...shape, virtualStages: 1 };
    const whole = splits(GPUS / shape.stages, planning).filter(
      ({ replicas, shards }) => (BATCH / shape.microBatches) % (replicas * shards) === 0,
    );
    const near = whole.filter(({ tensor }) => tensor <= NODE);
    const possible = near.length > 0 ? near : whole;
    const cuts = placements(LAYERS, shape.stages);
    return lists(possible, LAYERS).flatMap((strategies) =>
      cuts
        .filter((placement) => rule({ strategies, placement, candidate }))
        .map((placement) => ({ candidate, layout: { placement, strategies } })),
    );
  });
}

function small(tied: boolean, planning: Partial<Planning>): Workload {
  return aWorkload({
    model: aTransformer({ ...SMALL_LLAMA, layers: 2, tied }),
    gpus: GPUS,
    hardware: someHardware(GPUS / NODE, NODE, { fabric: { kind: 'infiniband', bytesPerSecond: 50e9 } }),
    training: { globalBatchSize: BATCH },
    planning,
  });
}

function alike(strategies: readonly (Strategy | undefined)[], fields: readonly (keyof Strategy)[]): boolean {
  return strategies.every((strategy) => fields.every((field) => strategy?.[field] === strategies[0]?.[field]));
}

const PARAMETERS = ['tensor', 'replicas', 'shards', 'zeroStage'] as const;

const tied: Rule = ({ strategies }) => alike([strategies[0], strategies[3]], PARAMETERS);

const endsKeep: Rule = ({ strategies }) =>
  [strategies[0], strategies[3]].every((strategy) => strategy?.recomputation === 'None');

const oneStrategy: Rule = (plan) =>
  endsKeep(plan) &&
  alike(plan.strategies, PARAMETERS) &&
  alike(plan.strategies.slice(1, 3), ['recomputation']) &&
  (plan.candidate.stages === 1 || plan.strategies.every(({ shards, zeroStage }) => shards === 1 || zeroStage === 1));

const RULES: Readonly<Record<Exclude<Planning['engine'], 'uniap'>, Rule>> = {
  megatron: oneStrategy,
  torchtitan: (plan) =>
    oneStrategy(plan) &&
    (plan.candidate.stages === 1
      ? plan.strategies.every(({ shards, zeroStage }) => shards === 1 || zeroStage > 1)
      : plan.candidate.microBatches >= plan.candidate.stages),
  galvatron: (plan) => {
    const { strategies, placement, candidate } = plan;
    const none = strategies.every(({ shards }) => shards === 1);
    const all = strategies.every(({ replicas }) => replicas === 1);
    const fullOrNone = strategies.every((one) => one.shards === 1 || (one.replicas === 1 && one.zeroStage === 3));
    return (
      endsKeep(plan) &&
      tied(plan) &&
      strategies.every(({ shards, zeroStage }) => shards === 1 || zeroStage > 1) &&
      (none || all || (fullOrNone && candidate.microBatches === 1)) &&
      placement[0] === placement[1] &&
      placement[2] === placement[3]
    );
  },
};

/** Bytes that make the fastest plans impossible, more and more of them. */
const LIMITS = [undefined, 7e8, 6e8, 5e8, 4e8];

function withLimit(limit: number | undefined): Pick<Planning, 'memoryLimitBytes'> {
  return limit === undefined ? {} : { memoryLimitBytes: limit };
}

async function agrees(t: ExecutionContext, workload: Workload, cases: readonly Case[]): Promise<void> {
  const expected = bruteForce(workload, cases);
  const value = await planned(workload);
  t.log(`${value} s, of ${cases.length}`);
  t.true(value === expected || Math.abs(value / expected - 1) < 1e-9, `${value}, but ${expected}`);
}

for (const limit of LIMITS) {
  test(`tied weights lie alike in all their layers, at the least cost; at most ${limit ?? 'all'} bytes`, async (t) => {
    const planning = { zeroStages: [1, 3], recomputations: ['None'] } satisfies Partial<Planning>;
    await agrees(t, small(true, { ...planning, ...withLimit(limit) }), layouts(planning, tied));
  });

  for (const [engine, rule] of Object.entries(RULES)) {
    test(`the best of what ${engine} can run; at most ${limit ?? 'all'} bytes`, async (t) => {
      const planning = {
        zeroStages: engine === 'megatron' ? [1, 3] : [2, 3],
        recomputations: ['None', 'Full'],
      } satisfies Partial<Planning>;
      const workload = small(false, { ...planning, engine: engine as Planning['engine'], ...withLimit(limit) }); // its keys
      await agrees(t, workload, layouts(planning, rule));
    });
  }
}

/** Two stages of two GPUs, two chunks of a stage: all layouts in which the blocks of a stage's chunks are alike. */
function interleaved(planning: Pick<Planning, 'zeroStages' | 'recomputations'>): readonly Case[] {
  const strategies = splits(2, planning);
  const rule: Rule = (plan) => {
    const blocks = range(1, 7).map((layer) => ({ chunk: plan.placement[layer], strategy: plan.strategies[layer] }));
    const ofChunk = (chunk: number) => blocks.filter((block) => block.chunk === chunk).map(({ strategy }) => strategy);
    return (
      alike(plan.strategies, ['tensor', 'sequenceParallel']) &&
      [0, 1].every((stage) => {
        const [first, second] = [ofChunk(stage), ofChunk(stage + 2)];
        return first.length > 0 && first.length === second.length && first.every((one, at) => one === second[at]);
      })
    );
  };
  const cuts = placements(8, 4);
  return [2, 4].flatMap((microBatches) => {
    const candidate = { stages: 2, microBatches, virtualStages: 2 };
    const possible = strategies.filter(({ replicas, shards }) => (BATCH / microBatches) % (replicas * shards) === 0);
    return lists(possible, 8).flatMap((ofLayers) =>
      cuts
        .filter((placement) => rule({ strategies: ofLayers, placement, candidate }))
        .map((placement) => ({ candidate, layout: { placement, strategies: ofLayers } })),
    );
  });
}

for (const limit of [undefined, 1e9, 8e8, 7e8]) {
  test(`the best of interleaved plans; at most ${limit ?? 'all'} bytes`, async (t) => {
    const planning = { zeroStages: [1], recomputations: ['None'] } satisfies Partial<Planning>;
    const workload = {
      ...small(false, {
        ...planning,
        ...withLimit(limit),
        schedule: 'Interleaved1F1B',
        virtualStages: 2,
        pipelineDegree: 2,
      }),
      model: aTransformer({ ...SMALL_LLAMA, layers: 6 }),
    };
    await agrees(t, workload, interleaved(planning));
  });
}
