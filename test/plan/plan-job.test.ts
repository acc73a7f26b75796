import type { V1Node } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import type { ParallelPlanSpec } from '../../src/api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../src/api/training-job.ts';
import { planJob, type PlanRequest } from '../../src/plan/plan-job.ts';
import type { PlanOutcome } from '../../src/plan/plan-outcome.ts';
import { seatsOf } from '../../src/plan/stages.ts';
import { SOLVER } from '../../src/plan/to-plan.ts';
import { validatePlan } from '../../src/plan/validate-plan.ts';
import { createSolver, type Solver } from '../../src/planner/solver/solver.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { gpuNodes, type NodeKindName } from '../cluster/nodes/gpu-nodes.ts';
import { aJobSpec, aRun, SMALL_LLAMA } from './builders.ts';

const solver: Solver = createSolver();
test.after.always(() => solver[Symbol.asyncDispose]());

const config = SMALL_LLAMA;
const LAYERS = 6;

type Planning = TrainingJobSpec['planning'];

interface Wish {
  readonly gpus?: number;
  readonly device?: string;
  readonly batch?: number;
  readonly planning?: Partial<Planning>;
}

function aSpec({ gpus = 16, device, batch = 32, planning }: Wish = {}): TrainingJobSpec {
  const spec = aJobSpec();
  return {
    ...spec,
    model: { config },
    training: { globalBatchSize: batch, precision: 'BF16', optimizer: 'AdamW' },
    resources: { ...spec.resources, gpus, ...(device !== undefined && { device }) },
    planning: { ...spec.planning, ...planning },
  };
}

/** Nodes as the API server has them once their kubelets have reported. */
function ready(kind: NodeKindName, count: number, labels = {}): V1Node[] {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return gpuNodes(kind, { count, labels }).map((node) =>
    Object.assign({}, node, { status: Object.assign({}, node.status, { conditions }) }),
  );
}

function plan(request: Partial<PlanRequest>): Promise<PlanOutcome> {
  return planJob({ spec: aSpec(), config, nodes: ready('dgx-h100', 2), pods: [], solver, ...request });
}

async function planned(t: ExecutionContext, request: Partial<PlanRequest>): Promise<ParallelPlanSpec> {
  const outcome = await plan(request);
  if (outcome.kind !== 'planned') t.log(outcome);
  return outcome.kind === 'planned' ? outcome.plan : t.fail('not planned');
}

/** A prediction is rounded to six digits, of one that is rounded itself. */
function isPredicted(t: ExecutionContext, written: string | undefined, value: number): void {
  t.true(Math.abs(Number(written) - value) <= 1e-5 * value, `${written}, not ${value}`);
  t.is(written, String(Number(Number(written).toPrecision(6))));
}

test('a plan is valid, complete, and its figures agree with one another', async (t) => {
  const spec = aSpec();
  const found = await planned(t, { spec });
  validatePlan(found, LAYERS);
  const { predicted, proof, stages, nodes } = found;
  if (predicted === undefined || proof === undefined) return t.fail('no prediction or no proof');
  t.deepEqual(nodes, [
    { name: 'dgx-h100-0', gpus: 8 },
    { name: 'dgx-h100-1', gpus: 8 },
  ]);
  t.is(found.device, 'H100-SXM');
  t.deepEqual(found.rdma, { resource: 'rdma/hca_shared_devices_a', quantity: 1 });
  const step = Number(predicted.stepSeconds);
  const samplesPerSecond = spec.training.globalBatchSize / step;
  isPredicted(t, predicted.samplesPerSecond, samplesPerSecond);
  isPredicted(t, predicted.tokensPerSecond, samplesPerSecond * 2048);
  t.true(Number(predicted.modelFlopsUtilisation) > 0 && Number(predicted.modelFlopsUtilisation) < 1);
  t.true(stages.every(({ memoryBytes }) => memoryBytes !== undefined && memoryBytes <= predicted.memoryLimitBytes));
  isPredicted(t, predicted.stepSeconds, Number(proof.value));
  t.true(Number(proof.relativeGap) <= Number(spec.planning.relativeGap));
  t.true(Number(proof.lowerBound) <= Number(proof.value));
  t.is(proof.solved + proof.pruned, proof.candidates);
});

test('the same job on the same nodes gets the same plan, in whatever order the nodes are listed', async (t) => {
  const nodes = ready('dgx-h100', 3);
  const [one, other] = await Promise.all([planned(t, { nodes }), planned(t, { nodes: nodes.toReversed() })]);
  const withoutSeconds = ({ proof, ...rest }: ParallelPlanSpec) => ({ ...rest, value: proof?.value });
  t.deepEqual(withoutSeconds(one), withoutSeconds(other));
});

test('of unlike nodes the faster ones are planned for, and the others are told of', async (t) => {
  const nodes = [...ready('dgx-a100', 2), ...ready('dgx-h100', 2)];
  const outcome = await plan({ nodes });
  if (outcome.kind !== 'planned') return t.fail();
  t.is(outcome.plan.device, 'H100-SXM');
  t.deepEqual(
    outcome.excluded.map(({ name }) => name),
    ['dgx-a100-0', 'dgx-a100-1'],
  );
});

test('a device that is asked for by name is the only one planned for', async (t) => {
  const nodes = [...ready('dgx-a100', 2), ...ready('dgx-h100', 2)];
  for (const device of ['A100-SXM-40GB', 'NVIDIA-A100-SXM4-40GB', 'A100']) {
    t.is((await planned(t, { nodes, spec: aSpec({ device }) })).device, 'A100-SXM-40GB');
  }
  t.is((await plan({ nodes, spec: aSpec({ device: 'A100-SXM-80GB' }) })).kind, 'waiting');
});

test('fixed degrees are kept', async (t) => {
  const { stages, microBatches } = await planned(t, {
    spec: aSpec({ planning: { pipelineDegree: 2, tensorDegree: 2, shardDegree: 2, dataDegree: 2, microBatches: 4 } }),
  });
  t.is(stages.length, 2);
  t.is(microBatches, 4);
  const degrees = stages
    .flatMap(({ layers }) => layers)
    .map(({ tensor, shards, replicas }) => [tensor, shards, replicas]);
  t.true(degrees.every((each) => each.join() === '2,2,2'));
});

test('too few free GPUs: the job waits, and is told what there is', async (t) => {
  const outcome = await plan({ spec: aSpec({ gpus: 64 }) });
  t.like(outcome, { kind: 'waiting' });
  t.true(outcome.kind === 'waiting' && outcome.message.includes('needs 64 GPUs'), JSON.stringify(outcome));
});

test('GPUs that other plans hold are not free', async (t) => {
  const outcome = await plan({ reservations: new Map([['dgx-h100-1', 8]]) });
  t.is(outcome.kind, 'waiting');
});

test('no plan fits: by how much, where, and each change that is offered does fit', async (t) => {
  const limited = {
    parallelisms: ['Pipeline', 'Data'] satisfies Planning['parallelisms'],
    memoryLimitBytes: 600_000_000,
  };
  const spec = aSpec({ gpus: 2, batch: 2, planning: limited });
  const outcome = await plan({ spec });
  if (outcome.kind !== 'does-not-fit') return t.fail(outcome.kind);
  t.log(outcome.message);
  t.true(outcome.bytes > 0);
  t.true(outcome.message.includes(`(${outcome.bytes} bytes) too much on each GPU of stage ${outcome.stage}`));
  const changes: Readonly<Record<string, Wish>> = {
    'leave out planning.memoryLimitBytes (74.6 GiB can be used)': { planning: { parallelisms: limited.parallelisms } },
  };
  for (const remedy of outcome.remedies) {
    const gpus = /^use (\d+) GPUs/.exec(remedy)?.[1];
    const added = /^add (.*) to planning/.exec(remedy)?.[1]?.split(', ') as Planning['parallelisms'] | undefined;
    const wish = changes[remedy] ?? {
      gpus: Number(gpus ?? 2),
      planning: { ...limited, parallelisms: [...limited.parallelisms, ...(added ?? [])] },
    };
    await planned(t, { spec: aSpec({ gpus: 2, batch: 2, ...wish }) });
  }
  t.true(outcome.remedies.includes('leave out planning.memoryLimitBytes (74.6 GiB can be used)'));
});

test('more sharding and recomputation are offered where they are not allowed and would fit', async (t) => {
  const planning = {
    parallelisms: ['FullySharded'] satisfies Planning['parallelisms'],
    zeroStages: [1] satisfies Planning['zeroStages'],
    recomputations: ['None'] satisfies Planning['recomputations'],
    memoryLimitBytes: 2_150_000_000,
  };
  const spec = aSpec({ gpus: 2, batch: 2, planning });
  const outcome = await plan({ spec });
  if (outcome.kind !== 'does-not-fit') return t.fail(outcome.kind);
  t.true(outcome.remedies.includes('add 3 to planning.zeroStages'), outcome.message);
  t.true(outcome.remedies.includes('add Full to planning.recomputations'), outcome.message);
  await planned(t, { spec: aSpec({ gpus: 2, batch: 2, planning: { ...planning, zeroStages: [1, 3] } }) });
  await planned(t, { spec: aSpec({ gpus: 2, batch: 2, planning: { ...planning, recomputations: ['None', 'Full'] } }) });
});

test('a tied weight lies alike in all of its layers', async (t) => {
  const plan = await planned(t, {
    config: { ...config, tie_word_embeddings: true },
    spec: aSpec({ planning: { zeroStages: [1, 2, 3] } }),
  });
  const seats = seatsOf(plan.stages);
  const layoutOf = (layer: number) => {
    const { tensor, replicas, shards, zeroStage } = seats[layer]?.strategy ?? aRun();
    return { tensor, replicas, shards, zeroStage };
  };
  t.deepEqual(layoutOf(0), layoutOf(LAYERS - 1));
});

test('the stage of ZeRO of one shard alone keeps no plan from a tied weight', async (t) => {
  const own = {
    ...(await planned(t, {})),
    microBatches: 1,
    stages: [
      {
        layers: [
          aRun({ last: 0, replicas: 16, zeroStage: 1 }),
          aRun({ first: 1, last: LAYERS - 1, replicas: 16, zeroStage: 3 }),
        ],
      },
    ],
  };
  const taken = await planned(t, { config: { ...config, tie_word_embeddings: true }, suppliedPlan: own });
  t.is(taken.proof, undefined);
  t.is(taken.parallelism, 'dp16');
});

test('interleaved stages are planned, described and taken as they are planned', async (t) => {
  const spec = aSpec({ planning: { schedule: 'Interleaved1F1B', virtualStages: 2, pipelineDegree: 2 } });
  const ours = await planned(t, { spec });
  t.is(ours.virtualStages, 2);
  t.deepEqual(
    ours.stages.map(({ layers }) => [...new Set(layers.map(({ virtualStage }) => virtualStage))]),
    [
      [0, 1],
      [0, 1],
    ],
  );
  validatePlan(ours, LAYERS);
  t.true(ours.parallelism?.startsWith('pp2×2') ?? false);
  const own = structuredClone(ours);
  delete own.predicted;
  delete own.proof;
  const { proof, ...layout } = ours;
  t.truthy(proof);
  t.deepEqual(await planned(t, { spec: aSpec(), suppliedPlan: own }), layout);
});

test('the number of GPUs that is offered is the smallest of its doublings', async (t) => {
  const planning = { memoryLimitBytes: 1_500_000_000, schedule: '1F1B' } as const;
  const outcome = await plan({ spec: aSpec({ gpus: 1, planning }) });
  if (outcome.kind !== 'does-not-fit') return t.fail(outcome.kind);
  const offered = Number(outcome.remedies.map((remedy) => /^use (\d+) GPUs/.exec(remedy)?.[1]).find(Number));
  t.log(outcome.message);
  await planned(t, { spec: aSpec({ gpus: offered, planning }) });
  t.is((await plan({ spec: aSpec({ gpus: offered / 2, planning }) })).kind, 'does-not-fit');
});

const refusals: readonly [string, Partial<PlanRequest>, RegExp][] = [
  [
    'a tensor degree that does not divide the heads',
    { spec: aSpec({ planning: { tensorDegree: 3 } }) },
    /not divisible by tensor degree 3/,
  ],
  ['a model of an unknown family', { config: { ...config, model_type: 'mamba' } }, /model_type "mamba" is not known/],
  [
    'more stages than layers',
    { spec: aSpec({ planning: { pipelineDegree: 8 } }) },
    /pipeline degree 8 needs as many layers/,
  ],
  [
    'a misspelt device',
    { spec: aSpec({ device: 'A10O-SXM-40GB' }) },
    /^spec\.resources\.device: device A10O-SXM-40GB is not in the catalogue; did you mean A100-SXM-40GB\?/,
  ],
  [
    'nodes of a device that nobody knows, by their names',
    { nodes: ready('dgx-h100', 2, { 'nvidia.com/gpu.product': 'NVIDIA-K80' }) },
    /^nodes dgx-h100-0, dgx-h100-1: device NVIDIA-K80 is not in the catalogue/,
  ],
];

for (const [name, request, message] of refusals) {
  test(`refuses ${name}`, async (t) => {
    const outcome = await plan(request);
    t.true(outcome.kind === 'refused' && message.test(outcome.error.message), JSON.stringify(outcome));
  });
}

test('a search that is called off ends with the reason', async (t) => {
  const reason = new Error('the job was deleted');
  await t.throwsAsync(plan({ signal: AbortSignal.abort(reason) }), { is: reason });
});

/** What the planner finds for the job of the tests below, without what only the planner can say. */
let found: Promise<ParallelPlanSpec> | undefined;
async function ourPlan(t: ExecutionContext): Promise<ParallelPlanSpec> {
  const ours = structuredClone(await (found ??= planned(t, {})));
  delete ours.proof;
  return ours;
}

test('a plan that a user supplies is priced as the same plan of ours is, and completed', async (t) => {
  const ours = await ourPlan(t);
  const bare = structuredClone(ours);
  bare.stages.forEach((stage) => {
    delete stage.memoryBytes;
    delete stage.secondsPerMicroBatch;
  });
  delete bare.predicted;
  t.deepEqual(await planned(t, { suppliedPlan: bare }), ours);
  delete bare.nodes;
  t.deepEqual(await planned(t, { suppliedPlan: bare }), ours);
});

test("of a user's plan only the layout is believed: no proof, and nothing of the GPUs that it once ran on", async (t) => {
  const ours = await planned(t, {});
  const nodes = ready('dgx-a100', 4);
  const stale = structuredClone(ours);
  delete stale.nodes;
  delete stale.device;
  const taken = await planned(t, { nodes: nodes.map(withoutRdma), suppliedPlan: stale });
  t.truthy(ours.proof);
  t.truthy(ours.rdma);
  t.is(taken.proof, undefined);
  t.is(taken.rdma, undefined);
  t.is(taken.device, 'A100-SXM-40GB');
});

function withoutRdma(node: V1Node): V1Node {
  const allocatable = Object.entries(node.status?.allocatable ?? {}).filter(([name]) => !name.startsWith('rdma/'));
  return Object.assign({}, node, {
    status: Object.assign({}, node.status, { allocatable: Object.fromEntries(allocatable) }),
  });
}

test("nodes in another order than the network's are priced no lower", async (t) => {
  const ours = await ourPlan(t);
  const swapped = await planned(t, { suppliedPlan: { ...ours, nodes: ours.nodes?.toReversed() ?? [] } });
  t.deepEqual(swapped.nodes, ours.nodes?.toReversed());
  t.true(Number(swapped.predicted?.stepSeconds) >= Number(ours.predicted?.stepSeconds));
});

test("a user's plan whose nodes are not free waits", async (t) => {
  const outcome = await plan({ suppliedPlan: await ourPlan(t), reservations: new Map([['dgx-h100-1', 1]]) });
  t.true(outcome.kind === 'waiting' && outcome.message.includes('dgx-h100-1'), JSON.stringify(outcome));
});

test("a user's plan without nodes gets the first GPUs of its device that it fits", async (t) => {
  const nodes = [...ready('p4d', 2), ...ready('p5', 2)];
  const batch = 1024;
  const stages = [{ layers: [aRun({ last: LAYERS - 1, shards: 16 })] }];
  const own = (device?: string, globalBatchSize = batch) => ({
    nodes,
    spec: aSpec({ batch: globalBatchSize }),
    suppliedPlan: aPlanOf({ globalBatchSize, stages, ...(device !== undefined && { device }) }),
  });
  t.is((await planned(t, own(undefined, 16))).device, 'A100-SXM-40GB');
  t.is((await planned(t, own('H100-SXM', 16))).device, 'H100-SXM');
  t.is((await planned(t, own())).device, 'H100-SXM');
  const onSmall = await plan(own('A100-SXM-40GB'));
  t.true(onSmall.kind === 'refused' && onSmall.error.message.includes('too much'), JSON.stringify(onSmall));
  const elsewhere = await plan(own('L4'));
  t.true(elsewhere.kind === 'waiting' && elsewhere.message.includes('the plan is for L4'), JSON.stringify(elsewhere));
});

/** A plan of 16 GPUs as a user writes it. */
function aPlanOf(plan: Pick<ParallelPlanSpec, 'globalBatchSize' | 'stages' | 'device'>): ParallelPlanSpec {
  return { microBatches: 1, schedule: '1F1B', virtualStages: 1, gpus: 16, gpuResource: 'nvidia.com/gpu', ...plan };
}

interface Flaw {
  readonly change?: (plan: ParallelPlanSpec) => ParallelPlanSpec;
  readonly request?: Partial<PlanRequest>;
  readonly message: RegExp;
}

const flaws: Readonly<Record<string, Flaw>> = {
  'exceeds memory': {
    request: { spec: aSpec({ planning: { memoryLimitBytes: 1_000_000 } }) },
    message: /stage 0 needs .* bytes\) too much/,
  },
  'has other GPUs than the job': {
    request: { spec: aSpec({ gpus: 8 }) },
    message: /the plan has 16 GPUs, and the job asks for 8/,
  },
  'has another batch': {
    request: { spec: aSpec({ batch: 64 }) },
    message: /global batch of 32 samples, and the job one of 64/,
  },
  'leaves layers out': {
    change: (ours) => ({ ...ours, microBatches: 1, stages: [{ layers: [aRun({ last: 2, shards: 16 })] }] }),
    message: /the stages hold layers 0 to 2, and the model has layers 0 to 5/,
  },
  'splits layers as they cannot be': {
    change: (ours) => ({ ...ours, microBatches: 1, stages: [{ layers: [aRun({ last: 5, tensor: 16 })] }] }),
    request: { config: { ...config, num_attention_heads: 8 } },
    message: /cannot be split by tensor degree 16; use one of 1, 2, 4, 8/,
  },
  'splits a tied weight in two ways': {
    change: (ours) => ({
      ...ours,
      microBatches: 1,
      stages: [
        { layers: [aRun({ last: 0, shards: 16, zeroStage: 1 }), aRun({ first: 1, last: LAYERS - 1, shards: 16 })] },
      ],
    }),
    request: { config: { ...config, tie_word_embeddings: true } },
    message:
      /layers embedding and head use one weight, but have tensor 1, replicas 1, shards 16, zeroStage 1 and .*zeroStage 3; give both the same tensor, replicas, shards and zeroStage/,
  },
  'mixes devices': {
    change: (ours) => ({
      ...ours,
      nodes: [
        { name: 'dgx-h100-0', gpus: 8 },
        { name: 'dgx-a100-0', gpus: 8 },
      ],
    }),
    request: { nodes: [...ready('dgx-h100', 1), ...ready('dgx-a100', 1)] },
    message: /use nodes of one device and fabric, and equally many GPUs on each/,
  },
};

for (const [name, { change = (ours: ParallelPlanSpec) => ours, request, message }] of Object.entries(flaws)) {
  test(`refuses a user's plan that ${name}`, async (t) => {
    const outcome = await plan({ suppliedPlan: change(await ourPlan(t)), ...request });
    t.true(outcome.kind === 'refused' && message.test(outcome.error.message), JSON.stringify(outcome));
  });
}

test('a proof names the solver that is installed', (t) => {
  t.is(SOLVER, `HiGHS ${packageJson.dependencies.highs}`);
});
