import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { UserError } from '../../../src/api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../../src/api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import { buildConfigMap } from '../../../src/plan/config-map.ts';
import { engineFiles } from '../../../src/plan/engine-files.ts';
import type { EngineName } from '../../../src/plan/engines/engine.ts';
import { modelOf } from '../../../src/plan/job-model.ts';
import { validatePlan } from '../../../src/plan/validate-plan.ts';
import { aJob, aJobSpec, aPlan, aRun, nodesFor } from '../builders.ts';
import { matchesGolden } from '../golden.ts';
import { alike, CASES, type EngineCase } from './cases.ts';
import validated from './validated.json' with { type: 'json' };

/** What pods find in the plan's folder, their groups aside. */
function filesOf({ spec, plan }: EngineCase): Readonly<Record<string, string>> {
  const gang = { job: aJob({ spec }), plan, planName: 'llama-1', revision: 1 };
  return buildConfigMap(gang, spec.model.config ?? null).data ?? {};
}

for (const each of CASES) {
  test(`${each.name}: a valid plan, as the pods are told of it`, async (t) => {
    const { spec, plan, name } = each;
    validatePlan(plan, modelOf(spec, spec.model.config ?? null).layers.length);
    const files = Object.entries(filesOf(each));
    t.true(files.some(([file]) => file === `${spec.planning.engine}.sh`));
    for (const [file, content] of files) await matchesGolden(t, `engines/${name}/${file}`, content);
  });
}

test("the engines' own parsers have checked these very files: if not, run `make engines-test`", async (t) => {
  const checked = new Map(Object.entries(validated.sha256));
  for (const each of CASES) {
    for (const [file] of Object.entries(filesOf(each))) {
      const name = `${each.name}/${file}`;
      const content = await readFile(`test/plan/golden/engines/${name}`);
      t.is(checked.get(name), createHash('sha256').update(content).digest('hex'), name);
      checked.delete(name);
    }
  }
  t.deepEqual([...checked.keys()], [], 'files of cases that are no more');
});

/** A Llama of four blocks between embedding and head. */
const LAYERS = 6;
const LLAMA = {
  model_type: 'llama',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: LAYERS - 2,
  num_attention_heads: 16,
  num_key_value_heads: 4,
  vocab_size: 32000,
  max_position_embeddings: 4096,
};

interface Refusal {
  readonly what: string;
  readonly engine: EngineName;
  readonly model?: TrainingJobSpec['model'];
  readonly training?: Partial<TrainingJobSpec['training']>;
  readonly plan?: Partial<ParallelPlanSpec>;
  readonly says: RegExp;
}

const tied = { config: { ...LLAMA, tie_word_embeddings: true } };
const runs = (...layers: readonly LayerRun[]) => ({ stages: [{ layers: [...layers] }] });
const TP4 = { tensor: 4, replicas: 4 };

const GIVEN_BY_SIZES = {
  name: 'block',
  count: 4,
  parameters: 1,
  forwardFlops: 1,
  savedElements: 1,
  outputElements: 1,
  tensorDegrees: [1],
  tensorElements: 0,
};

/** Each limit of each engine, and a plan that breaks it. */
const REFUSALS: readonly Refusal[] = [
  {
    what: 'an unknown family',
    engine: 'torchtitan',
    model: { preset: 'bert-huge' },
    training: { sequenceLength: 512 },
    says: /^spec\.model: torchtitan 0\.3 has no family bert; use llama, mistral, or another planning\.engine$/,
  },
  {
    what: 'layers by their sizes',
    engine: 'megatron',
    model: { layers: [GIVEN_BY_SIZES] },
    says: /has no family custom; use llama, mistral, qwen2, gpt2/,
  },
  {
    what: 'a precision',
    engine: 'torchtitan',
    training: { precision: 'FP16' },
    says: /^spec\.training\.precision: torchtitan 0\.3 has no precision FP16; use BF16, FP32/,
  },
  {
    what: 'an optimizer',
    engine: 'galvatron',
    training: { optimizer: 'SGD' },
    says: /has no optimizer SGD; use AdamW, Adam/,
  },
  ...(['torchtitan', 'megatron'] as const).flatMap((engine): Refusal[] => [
    {
      what: 'two strategies',
      engine,
      plan: runs(aRun({ ...TP4, last: 2 }), aRun({ first: 3, last: 5, tensor: 2, replicas: 8 })),
      says: /layers\[1\]: .* splits all layers alike, but embedding has tp4 · dp4 and block\.2 has tp2 · dp8; plan with planning\.engine: /,
    },
    {
      what: 'recomputation of some blocks',
      engine,
      plan: runs(
        aRun({ ...TP4, last: 1 }),
        aRun({ ...TP4, first: 2, last: 4, recomputation: 'Full' }),
        aRun({ ...TP4, first: 5, last: 5 }),
      ),
      says: /recomputes all blocks alike, but block\.0 has None and block\.1 has Full/,
    },
    {
      what: 'a recomputed head',
      engine,
      plan: runs(aRun({ ...TP4, last: 5, recomputation: 'Full' })),
      says: /recomputes blocks only, but embedding has Full/,
    },
    {
      what: 'parameters sharded under pipelining',
      engine,
      plan: { stages: alike({ shards: 8 }, LAYERS, [2]) },
      says: /with pipeline stages runs zeroStage 1, but embedding has 3/,
    },
    {
      what: 'tokens that ranks cannot share',
      engine,
      training: { sequenceLength: 4090 },
      plan: { stages: alike({ ...TP4, sequenceParallel: true }, LAYERS, []) },
      says: /cannot share the 4090 tokens of block\.0 equally among 4 tensor-parallel ranks; set planning\.sequenceParallel to false/,
    },
  ]),
  {
    what: 'the attention core alone',
    engine: 'torchtitan',
    plan: { stages: alike({ ...TP4, recomputation: 'Selective' }, LAYERS, []) },
    says: /recomputes None or Full, but block\.0 has Selective/,
  },
  {
    what: 'optimizer states alone sharded without pipelining',
    engine: 'torchtitan',
    plan: { stages: alike({ shards: 16, zeroStage: 1 }, LAYERS, []) },
    says: /without pipeline stages runs zeroStage 2 or 3, but embedding has 1/,
  },
  {
    what: 'a tied weight on two stages',
    engine: 'torchtitan',
    model: tied,
    plan: { stages: alike({ replicas: 8 }, LAYERS, [2]) },
    says: /cannot tie the head to the embedding across pipeline stages/,
  },
  {
    what: 'more ranks than key/value heads',
    engine: 'torchtitan',
    plan: { stages: alike({ tensor: 16 }, LAYERS, []) },
    says: /cannot split 4 key\/value heads by tensor degree 16/,
  },
  {
    what: 'biases',
    engine: 'torchtitan',
    model: { config: { ...LLAMA, attention_bias: true } },
    plan: { stages: alike({ ...TP4 }, LAYERS, []) },
    says: /has no attention_bias for Llama/,
  },
  {
    what: 'biases',
    engine: 'megatron',
    model: { config: { ...LLAMA, mlp_bias: true } },
    plan: { stages: alike({ ...TP4 }, LAYERS, []) },
    says: /mlp_bias is true; use another planning\.engine: Megatron-LM has no flag for it/,
  },
  {
    what: 'fewer micro-batches than stages',
    engine: 'torchtitan',
    plan: { gpus: 4, microBatches: 2, stages: alike({}, LAYERS, [1, 2, 3]) },
    says: /runs 1F1B on at least as many micro-batches as stages, not 2 on 4/,
  },
  {
    what: 'GPipe',
    engine: 'megatron',
    plan: { schedule: 'GPipe', stages: alike({ replicas: 8 }, LAYERS, [2]) },
    says: /has no schedule GPipe; use 1F1B or Interleaved1F1B/,
  },
  {
    what: 'interleaving',
    engine: 'galvatron',
    plan: { schedule: 'Interleaved1F1B', virtualStages: 2, stages: alike({ replicas: 8 }, LAYERS, [1, 2, 3], 2) },
    says: /has no schedule Interleaved1F1B; use 1F1B or GPipe/,
  },
  {
    what: 'hybrid sharding',
    engine: 'galvatron',
    plan: { stages: alike({ shards: 4, replicas: 4 }, LAYERS, []) },
    says: /shards among all data-parallel ranks or none, but embedding has 4 shards × 4 replicas/,
  },
  {
    what: 'optimizer states alone sharded',
    engine: 'galvatron',
    plan: { stages: alike({ shards: 16, zeroStage: 1 }, LAYERS, []) },
    says: /runs zeroStage 2 or 3, but embedding has 1/,
  },
  {
    what: 'two kinds beside ZeRO-3',
    engine: 'galvatron',
    plan: runs(
      aRun({ last: 0, shards: 16 }),
      aRun({ first: 1, last: 2, replicas: 16 }),
      aRun({ first: 3, last: 4, shards: 16, zeroStage: 2 }),
      aRun({ first: 5, last: 5, shards: 16 }),
    ),
    says: /has replicas or zeroStage 2 beside zeroStage 3, but block\.0 has replicas and block\.2 zeroStage 2/,
  },
  {
    what: 'ends split differently',
    engine: 'galvatron',
    plan: runs(aRun({ last: 0, ...TP4 }), aRun({ first: 1, last: 5, replicas: 16 })),
    says: /splits embedding and head alike, but embedding has tp4 · dp4 and head has dp16/,
  },
  {
    what: 'a head alone on its stage',
    engine: 'galvatron',
    plan: { stages: alike({ replicas: 8 }, LAYERS, [4]) },
    says: /keeps head on the stage of block\.3, but the plan has them on 1 and 0/,
  },
  {
    what: 'the attention core alone',
    engine: 'galvatron',
    plan: { stages: alike({ replicas: 16, recomputation: 'Selective' }, LAYERS, []) },
    says: /recomputes None or Full, but block\.0 has Selective/,
  },
  {
    what: 'sequence parallelism in some layers',
    engine: 'galvatron',
    plan: runs(
      aRun({ last: 2, ...TP4 }),
      aRun({ first: 3, last: 4, ...TP4, sequenceParallel: true }),
      aRun({ first: 5, last: 5, ...TP4 }),
    ),
    says: /has sequence parallelism in all layers or none, but embedding and block\.2 differ/,
  },
  {
    what: 'a tied weight',
    engine: 'galvatron',
    model: tied,
    plan: { stages: alike({ replicas: 16 }, LAYERS, []) },
    says: /gives the head of llama a weight of its own.*; set tie_word_embeddings to false/,
  },
];

for (const { what, engine, model, training, plan, says } of REFUSALS) {
  test(`${engine} refuses ${what}`, (t) => {
    const { training: usual, planning } = aJobSpec();
    const spec: EngineCase['spec'] = {
      ...aJobSpec(),
      model: model ?? { config: LLAMA },
      training: { ...usual, ...training },
      planning: { ...planning, engine },
    };
    const nodes = nodesFor(plan?.gpus ?? 16, 4);
    const whole = aPlan({ stages: alike({ replicas: 16 }, LAYERS, []), nodes, ...plan });
    validatePlan(whole, LAYERS);
    const { message } = t.throws(() => engineFiles(spec, whole, spec.model.config ?? null), { instanceOf: UserError });
    t.regex(message, says);
  });
}
