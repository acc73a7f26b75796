/** Hardware and workloads for the tests of this folder: usual ones, that a test varies in what it is about. */
import type { Allocation } from '../../src/cluster/topology.ts';
import { hardwareOf, type Hardware } from '../../src/cost/hardware.ts';
import type { Strategy, Workload } from '../../src/cost/workload.ts';
import { aTransformer } from './models.ts';

export function anAllocation(nodes: number, gpusPerNode: number, allocation: Partial<Allocation> = {}): Allocation {
  const node = { kind: 'node', gpus: gpusPerNode, name: 'node' } as const;
  const network = { kind: 'network', gpus: nodes * gpusPerNode, name: 'network' } as const;
  return {
    product: 'NVIDIA-A100-SXM4-80GB',
    memoryBytes: null,
    resource: 'nvidia.com/gpu',
    interconnect: null,
    fabric: { kind: 'infiniband', bytesPerSecond: 200e9 },
    rdma: null,
    gpusPerNode,
    nodeGpus: gpusPerNode,
    nodes: Array.from({ length: nodes }, (_, index) => ({ name: `node-${index}`, gpus: gpusPerNode })),
    tiers: nodes === 1 ? [node] : [node, network],
    ...allocation,
  };
}

export function someHardware(nodes: number, gpusPerNode: number, allocation: Partial<Allocation> = {}): Hardware {
  return hardwareOf(anAllocation(nodes, gpusPerNode, allocation));
}

type Changes = Partial<Omit<Workload, 'training' | 'planning'>> & {
  readonly training?: Partial<Workload['training']>;
  readonly planning?: Partial<Workload['planning']>;
};

/** A small Llama on 8 GPUs of one node. */
export function aWorkload({ training, planning, ...rest }: Changes = {}): Workload {
  return {
    model: aTransformer(SMALL_LLAMA),
    training: { globalBatchSize: 16, precision: 'BF16', optimizer: 'AdamW', ...training },
    planning: {
      parallelisms: ['Tensor', 'Data', 'FullySharded', 'Pipeline'],
      zeroStages: [3],
      recomputations: ['None', 'Full'],
      engine: 'uniap',
      sequenceParallel: true,
      schedule: '1F1B',
      ...planning,
    },
    hardware: someHardware(1, 8),
    gpus: 8,
    ...rest,
  };
}

export const SMALL_LLAMA = {
  layers: 6,
  hidden: 1024,
  heads: 16,
  intermediate: 2816,
  gated: true,
  vocabulary: 32000,
  tokens: 1024,
} as const;

export const LLAMA_7B = {
  layers: 32,
  hidden: 4096,
  heads: 32,
  intermediate: 11008,
  gated: true,
  vocabulary: 32000,
  tokens: 4096,
} as const;

export function aStrategy(strategy: Partial<Strategy> = {}): Strategy {
  return {
    tensor: 1,
    sequenceParallel: false,
    replicas: 1,
    shards: 1,
    zeroStage: 3,
    recomputation: 'None',
    ...strategy,
  };
}
