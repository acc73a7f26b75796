import test from 'ava';
import fc from 'fast-check';
import type { ParallelPlanSpec } from '../../../src/api/parallel-plan.ts';
import { engineFiles } from '../../../src/plan/engine-files.ts';
import type { EngineFile, EngineName } from '../../../src/plan/engines/engine.ts';
import { validatePlan } from '../../../src/plan/validate-plan.ts';
import { aJobSpec, aPlan, nodesFor } from '../builders.ts';
import { alike } from './cases.ts';

const BLOCKS = 14;
const LAYERS = BLOCKS + 2;
const config = {
  model_type: 'llama',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: BLOCKS,
  num_attention_heads: 16,
  vocab_size: 32000,
  max_position_embeddings: 4096,
};

const power = (most: number) => fc.integer({ min: 0, max: most }).map((exponent) => 2 ** exponent);

/** Plans of one strategy in random stages or chunks, which every engine can run but for what it says of stages. */
const uniform = fc
  .record({
    stages: power(2),
    virtualStages: fc.constantFrom(1, 2),
    tensor: power(2),
    replicas: power(2),
    shards: power(2),
    recomputation: fc.constantFrom('None' as const, 'Full' as const),
    sequenceParallel: fc.boolean(),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: LAYERS - 3 }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ stages, virtualStages: wanted, cuts, sequenceParallel, ...strategy }): ParallelPlanSpec => {
    const { tensor, replicas, shards } = strategy;
    const virtualStages = stages === 1 ? 1 : wanted;
    const ends = cuts.slice(0, stages * virtualStages - 1).toSorted((one, other) => one - other);
    const gpus = stages * tensor * replicas * shards;
    const zeroStage = stages === 1 ? 3 : 1;
    const run = { ...strategy, zeroStage, sequenceParallel: sequenceParallel && tensor > 1 } as const;
    return aPlan({
      gpus,
      nodes: nodesFor(gpus, 1),
      globalBatchSize: 8 * replicas * shards,
      microBatches: 8,
      schedule: virtualStages === 1 ? '1F1B' : 'Interleaved1F1B',
      virtualStages,
      stages: alike(run, LAYERS, ends, stages),
    });
  });

function filesFor(engine: EngineName, plan: ParallelPlanSpec): readonly EngineFile[] {
  validatePlan(plan, LAYERS);
  const spec = aJobSpec({ model: { config } });
  const training = { ...spec.training, globalBatchSize: plan.globalBatchSize };
  return engineFiles({ ...spec, training, planning: { ...spec.planning, engine } }, plan, config);
}

/** The values of a flag in a script. */
function valuesOf(flag: string, files: readonly EngineFile[]): readonly string[] {
  const line =
    files
      .at(-1)
      ?.content.split('\n')
      .find((each) => each.trim().startsWith(`${flag} `)) ?? '';
  return line.trim().replace(/ \\$/, '').split(' ').slice(1);
}

/** Blocks of each chunk in the model's order. */
function blocksByChunk({ stages, virtualStages }: ParallelPlanSpec): readonly number[] {
  return Array.from({ length: virtualStages }, (_, virtualStage) =>
    stages.map(({ layers }) =>
      layers
        .filter((run) => run.virtualStage === virtualStage)
        .reduce((sum, { first, last }) => sum + Math.min(last, BLOCKS) - Math.max(first, 1) + 1, 0),
    ),
  ).flat();
}

test("Megatron-LM's layout has each chunk's blocks, in the order of the model", (t) => {
  fc.assert(
    fc.property(uniform, (plan) => {
      const files = filesFor('megatron', plan);
      const [layout = "'Et*14L'"] = valuesOf('--pipeline-model-parallel-layout', files);
      const chunks = layout.slice(1, -1).split('|');
      t.deepEqual(
        chunks.map((chunk) => Number(/t\*(\d+)/.exec(chunk)?.[1] ?? 0)),
        blocksByChunk(plan),
      );
      t.regex(layout, /^'E[^EL]*L'$/);
    }),
  );
});

test("torchtitan's parts of the model have each module once, in order", (t) => {
  const modules = [
    'tok_embeddings',
    ...Array.from({ length: BLOCKS }, (_, index) => `layers.${index}`),
    'norm',
    'lm_head',
  ];
  fc.assert(
    fc.property(uniform, (plan) => {
      const parts = valuesOf('--parallelism.module-fqns-per-model-part', filesFor('torchtitan', plan));
      if (plan.stages.length === 1) return t.deepEqual(parts, []);
      t.is(parts.length, plan.stages.length * plan.virtualStages);
      return t.deepEqual(
        parts.flatMap((part) => part.split(',')),
        modules,
      );
    }),
  );
});

test('the samples that a rank computes at once, and how often, make the global batch', (t) => {
  fc.assert(
    fc.property(uniform, (plan) => {
      const { replicas = 0, shards = 0 } = plan.stages[0]?.layers[0] ?? {};
      const once = replicas * shards * plan.microBatches;
      const [megatron] = valuesOf('--micro-batch-size', filesFor('megatron', plan));
      t.is(Number(megatron) * once, plan.globalBatchSize);
      const files = filesFor('torchtitan', plan);
      const [local] = valuesOf('--training.local-batch-size', files);
      const [atOnce = local] = valuesOf('--parallelism.pipeline-parallel-microbatch-size', files);
      t.is(Number(atOnce) * once, plan.globalBatchSize);
    }),
  );
});
