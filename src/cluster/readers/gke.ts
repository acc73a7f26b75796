import type { NodeFacts } from '../node-facts.ts';
import {
  A100_40,
  A100_80,
  B200,
  type Device,
  GB200,
  GB300,
  H100,
  H200,
  L4,
  P100,
  RTX_PRO_6000,
  T4,
  V100_16,
} from '../instances/devices.ts';
import { deviceReading } from '../instances/instance-type.ts';
import { domainIn, placesFrom, type Reading, reading } from '../reading.ts';
import type { Exclusion } from '../topology.ts';

/** Values of `cloud.google.com/gke-accelerator`. Source: Google Cloud, "GPU platforms" and the enum AcceleratorType. */
const ACCELERATORS: ReadonlyMap<string, Device> = new Map(
  Object.entries({
    'nvidia-tesla-t4': T4,
    'nvidia-tesla-v100': V100_16,
    'nvidia-tesla-p100': P100,
    'nvidia-tesla-a100': A100_40,
    'nvidia-a100-80gb': A100_80,
    'nvidia-h100-80gb': H100,
    'nvidia-h100-mega-80gb': H100,
    'nvidia-h200-141gb': H200,
    'nvidia-b200': B200,
    'nvidia-gb200': GB200,
    'nvidia-gb300': GB300,
    'nvidia-l4': L4,
    'nvidia-rtx-pro-6000': RTX_PRO_6000,
  }),
);

const BLOCK = ['block', 'cloud.google.com/gce-topology-block'] as const;
const SUB_BLOCK = ['sub-block', 'cloud.google.com/gce-topology-subblock'] as const;

/**
 * Google Kubernetes Engine. On A4X machines a sub-block is one NVL72 domain, elsewhere a rack.
 * Source: Google Cloud, "Schedule GKE workloads with Topology Aware Scheduling".
 */
export function gke(facts: NodeFacts): Reading {
  const { labels, allocatable } = facts;
  const rdma = [...allocatable.keys()].some((name) => name.startsWith('networking.gke.io.networks/rdma-'));
  return reading({
    ...deviceReading(ACCELERATORS.get(labels.get('cloud.google.com/gke-accelerator') ?? '')),
    acceleratorDomain: domainIn(placesFrom(facts, [BLOCK]), labels.get(SUB_BLOCK[1])),
    path: placesFrom(facts, [BLOCK, SUB_BLOCK, ['host', 'cloud.google.com/gce-topology-host']]),
    // Pods join these networks by an annotation of their own, from which the resources are requested: none to ask for.
    fabricKind: rdma ? 'roce' : undefined,
    unusable: divided(facts),
  });
}

/** Source: Google Cloud, "GPU sharing strategies in GKE" and "Running multi-instance GPUs". */
function divided({ labels }: NodeFacts): Exclusion | undefined {
  const slice = labels.get('cloud.google.com/gke-gpu-partition-size');
  if (slice !== undefined) {
    const cause = 'GPUs are partitioned by MIG';
    return { cause, reason: `${cause} (${slice}); training needs whole GPUs` };
  }
  const strategy = labels.get('cloud.google.com/gke-gpu-sharing-strategy');
  if (strategy === undefined) {
    return undefined;
  }
  const cause = 'GPUs are shared between pods';
  return { cause, reason: `${cause} (${strategy})` };
}
