/** Plans to report on, priced on sites of their own; no search is needed. */
import type { LayerRun, ParallelPlanSpec } from '../../../src/api/parallel-plan.ts';
import type { Allocation } from '../../../src/cluster/topology.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import type { Explanation } from '../../../src/plan/explain/explanation.ts';
import type { Subject } from '../../../src/plan/report/subject.ts';
import { sitesOf, type Site } from '../../../src/plan/site.ts';
import { priceOfPlan } from '../../../src/plan/supplied-plan.ts';
import { pricedPlan } from '../../../src/plan/to-plan.ts';
import { anAllocation } from '../../cost/builders.ts';
import { aJobSpec, aPlan, aRun } from '../builders.ts';

export interface Shape {
  readonly preset: 'bert-huge' | 'gpt-3-175b';
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly stages: number;
  readonly microBatches: number;
  readonly globalBatchSize: number;
  readonly strategy: Partial<LayerRun>;
  readonly plan?: Partial<ParallelPlanSpec>;
  readonly allocation?: Partial<Allocation>;
}

/** Two stages over a slow network: bubbles and transfers can be seen. */
export const BERT: Shape = {
  preset: 'bert-huge',
  nodes: 2,
  gpusPerNode: 4,
  stages: 2,
  microBatches: 4,
  globalBatchSize: 32,
  strategy: { replicas: 4 },
  allocation: { product: 'NVIDIA-TITAN-Xp', fabric: { kind: 'ethernet', bytesPerSecond: 1.25e9 } },
};

/** More passes than can be told apart. */
export const GPT_3: Shape = {
  preset: 'gpt-3-175b',
  nodes: 128,
  gpusPerNode: 8,
  stages: 32,
  microBatches: 192,
  globalBatchSize: 1536,
  strategy: { tensor: 4, sequenceParallel: true, shards: 8 },
  allocation: { product: 'NVIDIA-H100-80GB-HBM3' },
};

export function aSite({ preset, nodes, gpusPerNode, globalBatchSize, allocation }: Shape): Site {
  const { training, planning } = aJobSpec();
  const job = { training: { ...training, globalBatchSize }, planning, profiles: {} };
  const [site] = sitesOf(job, buildModel({ preset }, {}), [anAllocation(nodes, gpusPerNode, allocation)]);
  if (site === undefined) throw new Error('no site');
  return site;
}

/** The layers shared equally among the chunks of the stages, under one strategy. */
export function aSubject(shape: Shape, changes: Partial<Subject> = {}): Subject {
  const site = aSite(shape);
  const { stages, microBatches, globalBatchSize, strategy } = shape;
  const { gpus, model } = site.workload;
  const virtualStages = shape.plan?.virtualStages ?? 1;
  const chunks = stages * virtualStages;
  const firstOf = (chunk: number): number => Math.round((chunk * model.layers.length) / chunks);
  const runOf = (chunk: number): LayerRun =>
    aRun({
      ...strategy,
      first: firstOf(chunk),
      last: firstOf(chunk + 1) - 1,
      name: 'block',
      virtualStage: Math.floor(chunk / stages),
    });
  const layout = aPlan({
    globalBatchSize,
    microBatches,
    gpus,
    stages: Array.from({ length: stages }, (_, stage) => ({
      layers: Array.from({ length: virtualStages }, (__, chunk) => runOf(chunk * stages + stage)),
    })),
    ...shape.plan,
  });
  const price = priceOfPlan(site, layout);
  const plan = { ...pricedPlan(site, layout, price), schedule: layout.schedule };
  return { name: 'job', plan, site, price, log: [], explanation: null, ...changes };
}

/** Each kind of verdict once. */
export const EXPLANATION: Explanation = {
  limits: ['computation 80% of the step'],
  whatIfs: [
    { title: '4 GiB more on each GPU', verdict: otherPlan(1.11, 1.11) },
    { title: 'without InfiniBand', verdict: otherPlan(0.43, 0.43) },
  ],
  runnersUp: [{ title: 'pp4, 8 micro-batches', verdict: otherPlan(0.9, 0.98) }],
  ablations: [
    { title: 'replicas alone (DDP)', verdict: { kind: 'does-not-fit' } },
    { title: 'tp8 in each node', verdict: { kind: 'unknown' } },
    { title: 'pipeline alone', verdict: { kind: 'impossible', reason: 'the batch cannot be split' } },
  ],
};

function otherPlan(speed: number, speedLimit: number) {
  return {
    kind: 'plan',
    parallelism: 'pp2 · dp4',
    microBatches: 8,
    stepSeconds: 1 / speed,
    speed,
    speedLimit,
  } as const;
}
