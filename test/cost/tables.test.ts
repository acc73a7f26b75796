import test from 'ava';
import fc from 'fast-check';
import { tiedCandidates } from '../../src/cost/agreements.ts';
import { candidatesOf } from '../../src/cost/candidates.ts';
import { priceOf } from '../../src/cost/price.ts';
import { tables, tablesFor, type Tables } from '../../src/cost/tables.ts';
import type { Candidate, Workload } from '../../src/cost/workload.ts';
import { evaluate } from '../../src/planner/evaluate.ts';
import type { LayerCosts } from '../../src/planner/problem.ts';
import { aWorkload, SMALL_LLAMA, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

function tablesOf(workload: Workload, candidate: Candidate): Tables {
  const result = tables(workload, candidate);
  if (result === null) throw new Error('no strategy');
  return result;
}

function layer({ problem }: Tables, name: string): LayerCosts {
  const found = problem.layers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no layer ${name}`);
  return found;
}

const CANDIDATE = { stages: 4, microBatches: 4, virtualStages: 1 };

test('equal layers share their arrays, and stages with equal rows', (t) => {
  const made = tablesOf(aWorkload(), CANDIDATE);
  const [second, fifth] = [layer(made, 'block.1'), layer(made, 'block.4')];
  t.is(second.time, fifth.time);
  t.is(second.memory, fifth.memory);
  t.is(second.perIteration, fifth.perIteration);
  t.is(new Set(second.time).size, 1);
  t.is(made.problem.reshard[1], made.problem.reshard[4]);
  t.is(made.problem.transfer[1], made.problem.transfer[4]);
});

test('1F1B: stage i holds the activations of min(c, pp − i) micro-batches, GPipe those of all', (t) => {
  const workload = aWorkload({ planning: { parallelisms: ['Data', 'Pipeline'], recomputations: ['None'] } });
  const memory = (schedule: '1F1B' | 'GPipe'): readonly number[] =>
    layer(tablesOf({ ...workload, planning: { ...workload.planning, schedule } }, CANDIDATE), 'block.1').memory.map(
      ([bytes]) => bytes ?? NaN,
    );
  const [first = 0, second = 0, third = 0, last = 0] = memory('1F1B');
  const activation = third - last;
  t.true(activation > 0);
  t.is(second - third, activation);
  t.is(first - second, activation);
  t.deepEqual(memory('GPipe'), [first, first, first, first]);
});

test('a layer that a tensor degree does not split is forbidden it', (t) => {
  const model = aTransformer(SMALL_LLAMA);
  const [embedding, ...others] = model.layers;
  const layers = embedding === undefined ? [] : [{ ...embedding, tensorDegrees: [1] }, ...others];
  const made = tablesOf(aWorkload({ model: { layers } }), CANDIDATE);
  const [times = []] = layer(made, 'embedding').time;
  made.strategies.forEach(({ tensor }, index) => {
    t.is(times[index] === Infinity, tensor > 1);
  });
});

test('null where no strategy can be', (t) => {
  const workload = aWorkload({ training: { globalBatchSize: 2 }, planning: { parallelisms: ['Data'] } });
  t.is(tables(workload, { stages: 1, microBatches: 1, virtualStages: 1 }), null);
});

test('strategies of one layout are one class: equal rows and columns, nothing to pay among each other', (t) => {
  const workload = aWorkload({ planning: { sequenceParallel: false } });
  const { problem, strategies } = tablesOf(workload, { stages: 2, microBatches: 2, virtualStages: 1 });
  for (const matrix of [...problem.reshard, ...problem.transfer]) {
    strategies.forEach((one, k) => {
      strategies.forEach((other, l) => {
        if (one.tensor === other.tensor) {
          t.deepEqual(matrix[k], matrix[l]);
        }
      });
    });
  }
  strategies.forEach((one, k) => {
    strategies.forEach((other, l) => {
      t.is(problem.reshard[1]?.[k]?.[l] === 0, one.tensor === other.tensor);
    });
  });
});

test('sequence-parallel layers hand over what they have: to any degree in our runtime, to their own where sequences are split', (t) => {
  const isFree = (engine: Workload['planning']['engine']) => {
    const { problem, strategies } = tablesOf(aWorkload({ planning: { engine }, training: { globalBatchSize: 16 } }), {
      stages: 1,
      microBatches: 1,
      virtualStages: 1,
    });
    const free = strategies.flatMap((one, k) =>
      strategies.filter((other, l) => one.tensor !== other.tensor && problem.reshard[1]?.[k]?.[l] === 0),
    );
    return free.length > 0;
  };
  t.true(isFree('uniap'));
  t.false(isFree('galvatron'));
});

/** Any plan of any candidate of a workload, of what its tables do not forbid. */
function plans(workload: Workload) {
  const tablesOf = tablesFor(workload);
  const candidates = candidatesOf(workload).flatMap((candidate) => tiedCandidates(workload, candidate));
  const made = candidates.flatMap((candidate) => {
    const found = tablesOf(candidate);
    return found === null ? [] : [{ candidate, ...found }];
  });
  return fc.constantFrom(...made).chain((tablesOfCandidate) => {
    const { candidate, problem } = tablesOfCandidate;
    const size = problem.layers.length;
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: size - 1 }), {
      minLength: candidate.stages - 1,
      maxLength: candidate.stages - 1,
    });
    return fc.record({
      ...{ tables: fc.constant(tablesOfCandidate), choices: fc.array(fc.nat(), { minLength: size, maxLength: size }) },
      placement: cuts.map((at) => problem.layers.map((_, index) => at.filter((cut) => cut <= index).length)),
    });
  });
}

/** One of the strategies that a layer is allowed in a stage; none where it is allowed none. */
function chosen({ problem }: Tables, placement: readonly number[], choices: readonly number[]): readonly number[] {
  return problem.layers.flatMap(({ time }, layer) => {
    const row = time[placement[layer] ?? -1] ?? [];
    const allowed = row.flatMap((seconds, k) => (seconds === Infinity ? [] : [k]));
    return allowed.length === 0 ? [] : [allowed[(choices[layer] ?? 0) % allowed.length] ?? NaN];
  });
}

const EVERYTHING: Partial<Workload['planning']> = {
  zeroStages: [1, 2, 3],
  recomputations: ['None', 'Selective', 'Full'],
};

const WORKLOADS: readonly (readonly [name: string, workload: Workload])[] = [
  ['a node', aWorkload()],
  [
    'two nodes, without sequence parallelism',
    aWorkload({ gpus: 16, hardware: someHardware(2, 8), planning: { sequenceParallel: false } }),
  ],
  [
    'tied embeddings, GPipe',
    aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied: true }), planning: { schedule: 'GPipe' } }),
  ],
  ['all stages of ZeRO and kinds of recomputation', aWorkload({ planning: EVERYTHING })],
  [
    'tied embeddings, all stages of ZeRO',
    aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied: true }), planning: EVERYTHING }),
  ],
  ...[false, true].map((tied): readonly [string, Workload] => [
    `interleaved, ${tied ? 'tied' : 'untied'}`,
    aWorkload({
      model: aTransformer({ ...SMALL_LLAMA, layers: 8, tied }),
      planning: { ...EVERYTHING, schedule: 'Interleaved1F1B', pipelineDegree: 4 },
    }),
  ]),
  ...(['galvatron', 'torchtitan', 'megatron'] as const).flatMap((engine) =>
    [false, true].map((tied): readonly [string, Workload] => [
      `${engine}, ${tied ? 'tied' : 'untied'}`,
      aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied }), planning: { ...EVERYTHING, engine } }),
    ]),
  ),
];

for (const [name, workload] of WORKLOADS) {
  test(`${name}: the price of a plan is what the planner makes of the tables, and no plan that fits the limit overflows`, (t) => {
    fc.assert(
      fc.property(plans(workload), ({ tables: { candidate, problem, layoutOf, ...rest }, placement, choices }) => {
        const strategy = chosen({ problem, layoutOf, ...rest }, placement, choices);
        fc.pre(strategy.length === placement.length);
        const assignment = { placement, strategy };
        const evaluation = evaluate(problem, assignment);
        const price = priceOf(workload, candidate, layoutOf(assignment));
        const within = evaluation.stageMemory.every((bytes, stage) => bytes <= (problem.memoryLimit[stage] ?? 0));
        return Math.abs(price.stepSeconds / evaluation.value - 1) < 1e-9 && (!within || price.fits);
      }),
    );
    t.pass();
  });
}

test('tied embeddings: held once in one stage, twice and summed in several', (t) => {
  const price = (tied: boolean, stages: number) => {
    const workload = aWorkload({
      model: aTransformer({ ...SMALL_LLAMA, tied }),
      planning: { parallelisms: ['Data', 'Pipeline'], recomputations: ['None'] },
    });
    const { problem } = tablesOf(workload, { stages, microBatches: 2, virtualStages: 1 });
    const of = (name: 'embedding' | 'head') => {
      const found = problem.layers.find((entry) => entry.name === name);
      return { memory: found?.memory.at(-1)?.[0] ?? NaN, perIteration: found?.perIteration[0]?.[0] ?? NaN };
    };
    return { embedding: of('embedding'), head: of('head') };
  };
  const weight = 32000 * 1024;
  // Parameters at 16 and 32 bits, two states, gradient.
  t.is(price(false, 1).head.memory - price(true, 1).head.memory, 18 * weight);
  t.is(price(false, 2).head.memory, price(true, 2).head.memory);
  t.true(price(true, 2).head.perIteration > price(false, 2).head.perIteration);
  t.true(price(true, 2).embedding.perIteration > price(false, 2).embedding.perIteration);
});

test('faster memory, arithmetic, links: no table entry grows', (t) => {
  const { device, ...hardware } = someHardware(2, 8);
  const [slow, fast] = [1, 2].map((factor) => {
    const workload = aWorkload({
      gpus: 16,
      hardware: {
        ...hardware,
        device: {
          ...device,
          memoryBytesPerSecond: factor * device.memoryBytesPerSecond,
          flopsPerSecond: { ...device.flopsPerSecond, BF16: factor * device.flopsPerSecond.BF16 },
        },
        tiers: hardware.tiers.map((tier) => ({
          ...tier,
          link: { ...tier.link, bytesPerSecond: factor * tier.link.bytesPerSecond },
        })),
      },
    });
    return tablesOf(workload, { stages: 2, microBatches: 2, virtualStages: 1 }).problem;
  });
  const numbers = (problem: typeof slow): readonly number[] => [
    ...(problem?.layers.flatMap(({ time }) => time.flat()) ?? []),
    ...(problem?.transfer.flat(2) ?? []),
    ...(problem?.reshard.flat(2) ?? []),
  ];
  const faster = numbers(fast);
  numbers(slow).forEach((seconds, index) => {
    t.true((faster[index] ?? Infinity) <= seconds || seconds === Infinity);
  });
});

test('more shards hold less', (t) => {
  const workload = aWorkload({ planning: { parallelisms: ['Data', 'FullySharded'], recomputations: ['None'] } });
  const made = tablesOf(workload, { stages: 1, microBatches: 1, virtualStages: 1 });
  t.deepEqual(
    made.strategies.map(({ shards }) => shards),
    [1, 2, 4, 8],
  );
  const bytes = layer(made, 'block.1').memory[0] ?? [];
  t.deepEqual(
    bytes,
    bytes.toSorted((one, other) => other - one),
  );
});

test('recomputation holds less and takes longer', (t) => {
  const workload = aWorkload({ planning: { parallelisms: ['Data'] } });
  const made = tablesOf(workload, { stages: 1, microBatches: 1, virtualStages: 1 });
  t.deepEqual(
    made.strategies.map(({ recomputation }) => recomputation),
    ['None', 'Full'],
  );
  const { time, memory } = layer(made, 'block.1');
  const [[without = NaN, recomputed = NaN] = [], [kept = NaN, input = NaN] = []] = [time[0], memory[0]];
  t.true(recomputed > without);
  t.true(input < kept);
});
