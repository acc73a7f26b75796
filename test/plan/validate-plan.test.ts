import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import type { ParallelPlanSpec } from '../../src/api/parallel-plan.ts';
import { validatePlan } from '../../src/plan/validate-plan.ts';
import { aPlan, aRun } from './builders.ts';

/** One node of eight GPUs, one stage, ten layers. */
function small(plan: Partial<ParallelPlanSpec>): ParallelPlanSpec {
  return {
    ...aPlan({ gpus: 8, globalBatchSize: 16, microBatches: 2, nodes: [{ name: 'a', gpus: 8 }] }),
    stages: [{ layers: [aRun({ last: 9, shards: 8 })] }],
    ...plan,
  };
}

function stage(...runs: Parameters<typeof aRun>[0][]) {
  return { layers: runs.map(aRun) };
}

/** Two stages of two chunks. */
const interleaved = {
  virtualStages: 2,
  schedule: 'Interleaved1F1B',
  stages: [
    stage({ last: 1, shards: 4 }, { first: 5, last: 6, shards: 4, virtualStage: 1 }),
    stage({ first: 2, last: 4, shards: 4 }, { first: 7, last: 9, shards: 4, virtualStage: 1 }),
  ],
} as const satisfies Partial<ParallelPlanSpec>;

const faults: readonly [string, Partial<ParallelPlanSpec>, string][] = [
  [
    'stages that do not share the GPUs',
    { gpus: 8, stages: [stage({}), stage({}), stage({})] },
    'spec.gpus: 8 GPUs cannot be shared equally by 3 stages; use a multiple of 3',
  ],
  [
    'a batch that cannot be cut',
    { microBatches: 3 },
    'spec.microBatches: a global batch of 16 samples cannot be cut into 3 equal micro-batches; use a number that divides 16',
  ],
  [
    'a gap between runs',
    { stages: [stage({ last: 3, shards: 8 }, { first: 5, last: 9, shards: 8 })] },
    'spec.stages[0].layers[1]: layers 5 to 9 stand where layer 4 is next; every layer must be in one run, in order',
  ],
  [
    'stages out of order',
    { stages: [stage({ first: 5, last: 9, shards: 4 }), stage({ first: 0, last: 4, shards: 4 })] },
    'spec.stages[0].layers[0]: layers 5 to 9 stand where layer 0 is next; every layer must be in one run, in order',
  ],
  [
    'too few layers',
    { stages: [stage({ last: 8, shards: 8 })] },
    'spec.stages: the stages hold layers 0 to 8, and the model has layers 0 to 9',
  ],
  [
    'degrees that leave GPUs idle',
    { stages: [stage({ last: 9, tensor: 2, shards: 2 })] },
    'spec.stages[0].layers[0]: tensor 2 × shards 2 × replicas 1 = 4 GPUs; a stage has 8 GPUs, and every run of layers must use all of them',
  ],
  [
    'a micro-batch too small for its data-parallel ranks',
    { microBatches: 4 },
    'spec.stages[0].layers[0]: a micro-batch of 4 samples cannot be shared equally by shards 8 × replicas 1; shards × replicas must divide 4; use fewer microBatches or a larger globalBatchSize',
  ],
  [
    'sequence parallelism without tensor parallelism',
    { stages: [stage({ last: 9, shards: 8, sequenceParallel: true })] },
    'spec.stages[0].layers[0]: sequenceParallel needs tensor parallelism; set sequenceParallel to false, or tensor to at least 2',
  ],
  [
    'virtual stages under another schedule',
    { virtualStages: 2 },
    'spec.virtualStages: 2 virtual stages under the schedule 1F1B; use schedule Interleaved1F1B, or 1 virtual stage',
  ],
  [
    'virtual stages without a pipeline',
    { virtualStages: 2, schedule: 'Interleaved1F1B' },
    'spec.virtualStages: 2 virtual stages, and only one pipeline stage; use 1 virtual stage, or more stages',
  ],
  [
    'micro-batches that cannot be interleaved',
    { ...interleaved, microBatches: 1 },
    'spec.microBatches: 1 micro-batches cannot be interleaved on 2 stages; use a multiple of 2',
  ],
  [
    'a stage without one of its virtual stages',
    { ...interleaved, stages: [interleaved.stages[0], stage({ first: 2, last: 9, shards: 4 })] },
    'spec.stages[1].layers: the runs are of virtual stages 0; list runs of each of the virtual stages 0, 1, in this order',
  ],
  [
    'chunks in another order than the model',
    { ...interleaved, stages: interleaved.stages.toReversed() },
    'spec.stages[0].layers[0]: layers 2 to 4 stand where layer 0 is next; every layer must be in one run, in order',
  ],
  [
    'nodes with too few GPUs',
    { nodes: [{ name: 'a', gpus: 4 }] },
    "spec.nodes: the nodes give 4 GPUs and the plan has 8; let the nodes' gpus sum to 8, or leave nodes out to have them chosen",
  ],
  [
    'a node named twice',
    {
      nodes: [
        { name: 'a', gpus: 4 },
        { name: 'a', gpus: 4 },
      ],
    },
    'spec.nodes: a node is named twice; name each node once',
  ],
];

for (const [name, plan, message] of faults) {
  test(`refuses ${name}`, (t) => {
    t.throws(
      () => {
        validatePlan(small(plan), 10);
      },
      { instanceOf: UserError, message },
    );
  });
}

test('takes valid plans, with nodes and without', (t) => {
  const withoutNodes = small({});
  delete withoutNodes.nodes;
  t.notThrows(() => {
    validatePlan(small({}), 10);
  });
  t.notThrows(() => {
    validatePlan(withoutNodes, 10);
  });
  t.notThrows(() => {
    validatePlan(aPlan(), 34);
  });
  t.notThrows(() => {
    validatePlan(small(interleaved), 10);
  });
});
