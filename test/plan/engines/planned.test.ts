import type { V1Node } from '@kubernetes/client-node';
import test from 'ava';
import fc from 'fast-check';
import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import { engineFiles } from '../../../src/plan/engine-files.ts';
import type { EngineName } from '../../../src/plan/engines/engine.ts';
import { planJob } from '../../../src/plan/plan-job.ts';
import { createSolver } from '../../../src/planner/solver/solver.ts';
import { gpuNodes } from '../../cluster/nodes/gpu-nodes.ts';
import { aJobSpec, aPlan, aRun } from '../builders.ts';

const solver = createSolver();
test.after.always(() => solver[Symbol.asyncDispose]());

/** A small model with few key/value heads, whose head may be the embedding. */
const modelOf = (tied: boolean) => ({
  model_type: 'llama',
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 4,
  num_attention_heads: 16,
  num_key_value_heads: 4,
  vocab_size: 64000,
  max_position_embeddings: 2048,
  tie_word_embeddings: tied,
});

const GIB = 2 ** 30;

const wishes = (schedules: readonly TrainingJobSpec['planning']['schedule'][]) =>
  fc.record({
    gpus: fc.constantFrom(4, 8),
    globalBatchSize: fc.constantFrom(16, 32),
    memoryLimitBytes: fc.integer({ min: 3, max: 24 }).map((gib) => gib * GIB),
    schedule: fc.constantFrom(...schedules),
    recomputations: fc.subarray(['Selective', 'Full'] as const).map((others) => ['None' as const, ...others]),
    tied: fc.boolean(),
  });

type Wish = ReturnType<typeof wishes> extends fc.Arbitrary<infer T> ? T : never;

function specOf(engine: EngineName, { gpus, globalBatchSize, tied, ...planning }: Wish): TrainingJobSpec {
  const spec = aJobSpec();
  return {
    ...spec,
    model: { config: modelOf(tied && engine !== 'galvatron') },
    training: { globalBatchSize, precision: 'BF16', optimizer: 'AdamW' },
    resources: { ...spec.resources, gpus },
    planning: { ...spec.planning, zeroStages: [1, 2, 3], relativeGap: '0.2', ...planning, engine },
  };
}

/** Nodes as the API server has them once their kubelets have reported. */
function readyNodes(): V1Node[] {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return gpuNodes('dgx-h100', { count: 2 }).map((node) =>
    Object.assign({}, node, { status: Object.assign({}, node.status, { conditions }) }),
  );
}

const EASY: Wish = {
  gpus: 4,
  globalBatchSize: 16,
  memoryLimitBytes: 64 * GIB,
  schedule: '1F1B',
  recomputations: ['None'],
  tied: false,
};

const SCHEDULES = {
  galvatron: ['1F1B', 'GPipe'],
  torchtitan: ['1F1B', 'GPipe', 'Interleaved1F1B'],
  megatron: ['1F1B', 'Interleaved1F1B'],
} as const satisfies Record<EngineName, readonly TrainingJobSpec['planning']['schedule'][]>;

for (const engine of ['galvatron', 'torchtitan', 'megatron'] as const) {
  test(`whatever is planned for ${engine} is what it can run`, async (t) => {
    const kinds = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(wishes(SCHEDULES[engine]), async (wish) => {
        const spec = specOf(engine, wish);
        const config = spec.model.config ?? null;
        const outcome = await planJob({ spec, config, nodes: readyNodes(), pods: [], solver });
        kinds.set(outcome.kind, (kinds.get(outcome.kind) ?? 0) + 1);
        if (outcome.kind === 'refused') throw outcome.error;
        if (outcome.kind === 'planned') t.true(engineFiles(spec, outcome.plan, config).length > 0);
      }),
      { numRuns: 8 },
    );
    t.log(Object.fromEntries(kinds));
    t.true((kinds.get('planned') ?? 0) > 0);
  });
}

test('a job that its engine cannot train is refused before it is planned, whatever is free', async (t) => {
  const spec = { ...specOf('megatron', EASY), model: { preset: 'bert-huge' as const } };
  const outcome = await planJob({ spec, config: null, nodes: [], pods: [], solver });
  t.is(outcome.kind, 'refused');
  t.regex(outcome.kind === 'refused' ? outcome.error.message : '', /has no family bert/);
});

test("a user's plan that its engine cannot run is refused before pods start", async (t) => {
  const spec = specOf('megatron', EASY);
  const config = spec.model.config ?? null;
  const stages = [{ layers: [aRun({ last: 2, tensor: 2, replicas: 2 }), aRun({ first: 3, last: 5, replicas: 4 })] }];
  const nodes = [{ name: 'dgx-h100-0', gpus: 4 }];
  const suppliedPlan = aPlan({ globalBatchSize: 16, microBatches: 4, gpus: 4, stages, nodes });
  const outcome = await planJob({ spec, config, nodes: readyNodes(), pods: [], solver, suppliedPlan });
  t.is(outcome.kind, 'refused');
  t.regex(outcome.kind === 'refused' ? outcome.error.message : '', /splits all layers alike/);
});
