/** Jobs, plans and gangs for the tests of this folder: valid ones, that a test varies in what it is about. */
import type { LayerRun, ParallelPlanSpec, PlannedNode } from '../../src/api/parallel-plan.ts';
import type { PodTemplate } from '../../src/api/pod-template.ts';
import type { TrainingJobSpec } from '../../src/api/training-job.ts';
import type { Gang, Job } from '../../src/plan/gang.ts';

/** The config.json of a small Llama: 4 blocks of width 1024. */
export const SMALL_LLAMA = {
  model_type: 'llama',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: 4,
  num_attention_heads: 16,
  vocab_size: 32000,
  max_position_embeddings: 2048,
};

export function aTemplate(template: Partial<PodTemplate> = {}): PodTemplate {
  return {
    labels: {},
    annotations: {},
    image: 'registry.example/llama:1',
    imagePullSecrets: [],
    env: [],
    envFrom: [],
    requests: {},
    limits: {},
    sharedMemory: '64Gi',
    volumes: [],
    volumeMounts: [],
    terminationGracePeriodSeconds: 30,
    ...template,
  };
}

export function aJobSpec(spec: Partial<TrainingJobSpec> = {}): TrainingJobSpec {
  return {
    model: { preset: 'llama-2-7b' },
    training: { globalBatchSize: 64, sequenceLength: 4096, precision: 'BF16', optimizer: 'AdamW' },
    resources: { gpus: 16, nodeSelector: {}, tolerations: [] },
    planning: {
      parallelisms: ['Tensor', 'Data', 'FullySharded', 'Pipeline'],
      zeroStages: [3],
      recomputations: ['None', 'Full'],
      engine: 'uniap',
      sequenceParallel: true,
      schedule: '1F1B',
      timeLimitSeconds: 60,
      relativeGap: '0.000001',
      profile: 'Auto',
      review: false,
    },
    template: aTemplate(),
    runPolicy: { suspend: false, backoffLimit: 3 },
    monitoring: { port: 9464, driftPercent: 20, driftSeconds: 300 },
    ...spec,
  };
}

export function aJob(job: Partial<Job> = {}): Job {
  return {
    name: 'llama',
    namespace: 'research',
    uid: '6f0b1f6e-55f2-4b4c-9a3e-0d6f8f0f2a11',
    spec: aJobSpec(),
    ...job,
  };
}

export function aRun(run: Partial<LayerRun> = {}): LayerRun {
  return {
    first: 0,
    last: 0,
    tensor: 1,
    sequenceParallel: false,
    replicas: 1,
    shards: 1,
    zeroStage: 3,
    recomputation: 'None',
    virtualStage: 0,
    ...run,
  };
}

/** Two stages on two nodes of eight GPUs, four runs of layers with four strategies. */
export function aPlan(plan: Partial<ParallelPlanSpec> = {}): ParallelPlanSpec {
  return {
    globalBatchSize: 64,
    microBatches: 4,
    schedule: '1F1B',
    virtualStages: 1,
    gpus: 16,
    stages: [
      {
        layers: [
          aRun({ first: 0, last: 0, name: 'embedding', tensor: 8, sequenceParallel: true }),
          aRun({ first: 1, last: 16, name: 'block', tensor: 2, sequenceParallel: true, shards: 4 }),
        ],
      },
      {
        layers: [
          aRun({ first: 17, last: 32, name: 'block', tensor: 2, sequenceParallel: true, shards: 2, replicas: 2 }),
          aRun({ first: 33, last: 33, name: 'head', shards: 8, recomputation: 'Full' }),
        ],
      },
    ],
    nodes: [
      { name: 'dgx-a', gpus: 8 },
      { name: 'dgx-b', gpus: 8 },
    ],
    gpuResource: 'nvidia.com/gpu',
    ...plan,
  };
}

export function aGang(gang: Partial<Gang> = {}): Gang {
  return { job: aJob(), plan: aPlan(), planName: 'llama-1', revision: 1, attempt: 0, ...gang };
}

/** Equal nodes that together have as many GPUs as a plan. */
export function nodesFor(gpus: number, gpusPerNode: number): PlannedNode[] {
  return Array.from({ length: gpus / gpusPerNode }, (_, index) => ({
    name: `gpu-node-${String(index).padStart(5, '0')}.cluster.example`,
    gpus: gpusPerNode,
  }));
}
