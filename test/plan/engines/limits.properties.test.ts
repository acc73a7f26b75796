/** What is planned for an engine and what is refused of a plan for it are the same limits, seen from both sides. */
import test from 'ava';
import fc from 'fast-check';
import { UserError } from '../../../src/api/errors.ts';
import type { ParallelPlanSpec } from '../../../src/api/parallel-plan.ts';
import { canHave } from '../../../src/cost/agreements.ts';
import { candidatesOf } from '../../../src/cost/candidates.ts';
import { splitsTokens } from '../../../src/cost/engines.ts';
import { placedLayers } from '../../../src/cost/layers.ts';
import type { Layout } from '../../../src/cost/price.ts';
import { strategiesOf } from '../../../src/cost/strategies.ts';
import { tables } from '../../../src/cost/tables.ts';
import type { Candidate, Strategy, Workload } from '../../../src/cost/workload.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { engineFiles } from '../../../src/plan/engine-files.ts';
import type { EngineName } from '../../../src/plan/engines/engine.ts';
import { at } from '../../../src/planner/at.ts';
import { aWorkload } from '../../cost/builders.ts';
import { aJobSpec, aPlan, aRun, SMALL_LLAMA } from '../builders.ts';

const ENGINES: readonly EngineName[] = ['galvatron', 'torchtitan', 'megatron'];
const SCHEDULES = ['1F1B', 'GPipe', 'Interleaved1F1B'] as const;
const BATCH = 16;

/** Two key/value heads, and tokens that four ranks cannot share equally. */
const CONFIG = { ...SMALL_LLAMA, num_key_value_heads: 2, max_position_embeddings: 2046 };

interface Wish {
  readonly engine: EngineName;
  readonly schedule: (typeof SCHEDULES)[number];
  readonly sequenceParallel: boolean;
  readonly tied: boolean;
}

const wishes: fc.Arbitrary<Wish> = fc.record({
  engine: fc.constantFrom(...ENGINES),
  schedule: fc.constantFrom(...SCHEDULES),
  sequenceParallel: fc.boolean(),
  tied: fc.boolean(),
});

function configOf({ engine, tied }: Wish) {
  // Galvatron refuses ties before all else.
  return { ...CONFIG, tie_word_embeddings: tied && engine !== 'galvatron' };
}

function workloadOf(wish: Wish, engine: Workload['planning']['engine'] = wish.engine): Workload {
  const { schedule, sequenceParallel } = wish;
  return aWorkload({
    model: buildModel({ config: configOf(wish) }, {}),
    training: { globalBatchSize: BATCH },
    planning: {
      engine,
      schedule,
      sequenceParallel,
      zeroStages: [1, 2, 3],
      recomputations: ['None', 'Selective', 'Full'],
    },
  });
}

function planOf({ schedule }: Wish, candidate: Candidate, { placement, strategies }: Layout): ParallelPlanSpec {
  const { stages, microBatches, virtualStages } = candidate;
  const runs = strategies.map((strategy, layer) => {
    const chunk = at(placement, layer);
    const run = aRun({ first: layer, last: layer, virtualStage: Math.floor(chunk / stages), ...strategy });
    return { stage: chunk % stages, run };
  });
  return aPlan({
    gpus: 8,
    globalBatchSize: BATCH,
    microBatches,
    virtualStages,
    schedule,
    stages: Array.from({ length: stages }, (_, stage) => ({
      layers: runs.filter((each) => each.stage === stage).map(({ run }) => run),
    })),
    nodes: [{ name: 'dgx-a', gpus: 8 }],
  });
}

/** Why the engine refuses a plan; null where it writes its files. */
function refusalOf(wish: Wish, plan: ParallelPlanSpec): string | null {
  const spec = aJobSpec();
  const config = configOf(wish);
  const training = { globalBatchSize: BATCH, precision: 'BF16', optimizer: 'AdamW' } as const;
  try {
    engineFiles({ model: { config }, training, planning: { ...spec.planning, engine: wish.engine } }, plan, config);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Places for each layer, in order, in each of some chunks. */
function placementsIn(layers: number, chunks: number): fc.Arbitrary<number[]> {
  return fc
    .subarray(
      Array.from({ length: layers - 1 }, (_, index) => index + 1),
      { minLength: chunks - 1, maxLength: chunks - 1 },
    )
    .map((cuts) => Array.from({ length: layers }, (_, layer) => cuts.filter((cut) => cut <= layer).length));
}

/** A plan that the tables of a candidate for the engine do not forbid. */
const planned = wishes.chain((wish) => {
  const workload = workloadOf(wish);
  return fc.constantFrom(...candidatesOf(workload)).chain((candidate) => {
    const table = tables(workload, candidate);
    if (table === null) return fc.constant(null);
    const { problem, layoutOf } = table;
    return placementsIn(problem.layers.length, candidate.stages)
      .chain((placement) => {
        const choices = problem.layers.map(({ time }, layer) =>
          at(time, at(placement, layer)).flatMap((seconds, k) => (Number.isFinite(seconds) ? [k] : [])),
        );
        if (choices.some(({ length }) => length === 0)) return fc.constant(null);
        return fc
          .tuple(...choices.map((ofLayer) => fc.constantFrom(...ofLayer)))
          .map((strategy) => planOf(wish, candidate, layoutOf({ placement, strategy })));
      })
      .map((plan) => ({ wish, plan }));
  });
});

test('an engine runs whatever may be planned for it', (t) => {
  const ran = new Set<string>();
  fc.assert(
    fc.property(planned, (made) => {
      if (!made?.plan) return true;
      const { wish, plan } = made;
      ran.add(`${wish.engine} ${plan.stages.length > 1}`);
      return refusalOf(wish, plan) === null;
    }),
    { numRuns: 400 },
  );
  t.is(ran.size, 2 * ENGINES.length);
});

/** A plan of one strategy but for the ends and a block, which may have others, of those that there are without an engine. */
const supplied = wishes.chain((wish) => {
  const workload = workloadOf(wish, 'uniap');
  const candidates = candidatesOf(workload).filter(({ stages }) => stages < workload.model.layers.length);
  return fc.constantFrom(...candidates).chain(({ only: _, ...candidate }) => {
    const layers = workload.model.layers.length;
    const strategy = fc.constantFrom(...strategiesOf(workload, candidate));
    const keeping = strategy.map((other): Strategy => ({ ...other, recomputation: 'None' }));
    const layout = fc
      .record({
        blocks: strategy,
        ends: fc.option(keeping),
        one: fc.option(strategy),
        placement: placementsIn(layers, candidate.stages * candidate.virtualStages),
      })
      .map(({ blocks, ends, one, placement }): Layout => {
        const end = ends ?? { ...blocks, recomputation: 'None' };
        const strategies = placement.map((_place, layer) =>
          layer === 0 || layer === layers - 1 ? end : layer === 2 ? (one ?? blocks) : blocks,
        );
        return { placement, strategies };
      });
    return layout.map((found) => ({ wish, candidate, layout: found }));
  });
});

/** Whether some candidate for the engine has the strategies of a layout. */
function mayBePlanned(wish: Wish, { stages, microBatches, virtualStages }: Candidate, { strategies }: Layout): boolean {
  const workload = workloadOf(wish);
  const layers = placedLayers(workload.model.layers);
  const shapes = candidatesOf(workload).filter(
    (each) => each.stages === stages && each.microBatches === microBatches && each.virtualStages === virtualStages,
  );
  return shapes.some((candidate) => {
    const known = new Set(strategiesOf(workload, candidate).map((each) => JSON.stringify(each)));
    return strategies.every(
      (strategy, layer) =>
        known.has(JSON.stringify(strategy)) &&
        canHave(at(layers, layer), strategy, candidate.only) &&
        splitsTokens(wish.engine, at(layers, layer).layer, strategy),
    );
  });
}

test('what an engine runs may be planned for it, and what it refuses may not', (t) => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(supplied, ({ wish, candidate, layout }) => {
      const refusal = refusalOf(wish, planOf(wish, candidate, layout));
      // Tables keep ends beside blocks, and replicas of Galvatron's apart from shards where they would sum more often than priced.
      const elsewhere = refusal !== null && /keeps (embedding|head) on the stage/.test(refusal);
      const mixed =
        wish.engine === 'galvatron' &&
        layout.strategies.some(({ replicas }) => replicas > 1) &&
        layout.strategies.some(({ shards }) => shards > 1);
      if (elsewhere || mixed) return true;
      outcomes.add(`${wish.engine} ${refusal === null}`);
      return mayBePlanned(wish, candidate, layout) === (refusal === null);
    }),
    { numRuns: 600 },
  );
  t.is(outcomes.size, 2 * ENGINES.length);
});
