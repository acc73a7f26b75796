/** Stand-in until src/plan/plan-job.ts is there. */
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import { allocate } from '../../cluster/allocate.ts';
import { describeShortage } from '../../cluster/shortage.ts';
import type { ClusterReading } from '../../cluster/read-nodes.ts';
import type { PlanOutcome } from '../../plan/plan-outcome.ts';
import { UserError } from '../../api/errors.ts';

export interface PlanJobInput {
  readonly job: TrainingJobSpec;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly cluster: ClusterReading;
  readonly supplied: ParallelPlanSpec | undefined;
}

export async function planJob({ job, cluster, supplied }: PlanJobInput, _signal: AbortSignal): Promise<PlanOutcome> {
  await Promise.resolve();
  const { gpus } = job.resources;
  if (job.training.globalBatchSize % gpus !== 0) {
    return { kind: 'refused', error: new UserError({ problem: 'batch does not divide' }) };
  }
  const [allocation] = allocate(cluster.nodes, gpus);
  if (allocation === undefined) {
    return { kind: 'waiting', message: describeShortage(gpus, cluster.nodes, cluster.excluded) };
  }
  const plan: ParallelPlanSpec = supplied ?? {
    globalBatchSize: job.training.globalBatchSize,
    microBatches: 1,
    schedule: '1F1B',
    gpus,
    stages: [
      {
        memoryBytes: 1e9,
        layers: [
          { first: 0, last: 3, tensor: 1, sequenceParallel: false, replicas: 1, shards: gpus, recomputation: 'None' },
        ],
      },
    ],
    gpuResource: allocation.resource,
    predicted: {
      stepSeconds: '1.5',
      samplesPerSecond: '42.5',
      modelFlopsUtilisation: '0.4',
      memoryLimitBytes: 8e10,
      limitedBy: 'nothing',
    },
    proof: {
      value: '1.5',
      lowerBound: '1.5',
      relativeGap: '0',
      candidates: 1,
      solved: 1,
      pruned: 0,
      solver: 'none',
      seconds: '0',
    },
  };
  return { kind: 'planned', plan: { ...plan, nodes: [...allocation.nodes] }, log: [], excluded: [] };
}
