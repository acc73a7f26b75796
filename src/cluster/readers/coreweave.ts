import {
  A100_80,
  A100_PCIE_80,
  B200,
  B300,
  type Device,
  GB200,
  GB300,
  H100,
  H200,
  L40S,
} from '../instances/devices.ts';
import { deviceReading } from '../instances/instance-type.ts';
import type { NodeFacts } from '../node-facts.ts';
import { domainIn, placesFrom, type Reading, reading } from '../reading.ts';
import type { FabricKind } from '../topology.ts';
import { GIGABIT_PER_SECOND, positiveInteger } from '../units.ts';

const FLAVOURS: ReadonlyMap<string, FabricKind> = new Map([
  ['infiniband', 'infiniband'],
  ['roce', 'roce'],
]);

/** Values of `gpu.nvidia.com/class` that GPU feature discovery would word otherwise. */
const CLASSES: ReadonlyMap<string, Device> = new Map(
  Object.entries({
    A100_NVLINK_80GB: A100_80,
    A100_PCIE_80GB: A100_PCIE_80,
    H100_NVLINK_80GB: H100,
    H200,
    B200,
    B300,
    GB200,
    GB300,
    L40S,
  }),
);

/**
 * CoreWeave, which need not run GPU feature discovery. Source: docs.coreweave.com, "InfiniBand and RoCE labels"; the value of the speed label (`3200G`, `0G` where
 * there is none) as seen in public code that reads it.
 */
export function coreWeave(facts: NodeFacts): Reading {
  const { labels } = facts;
  const path = places(facts, 'backend.coreweave.cloud') ?? places(facts, 'ib.coreweave.cloud');
  const gpuClass = labels.get('gpu.nvidia.com/class') ?? labels.get('gpu.nvidia.com/model');
  return reading({
    product: gpuClass,
    ...deviceReading(CLASSES.get(gpuClass ?? '')),
    acceleratorDomain: domainIn(path, labels.get('ds.coreweave.com/nvlink.domain')),
    path,
    fabricKind: FLAVOURS.get(labels.get('backend.coreweave.cloud/flavor') ?? '') ?? infiniBand(facts),
    fabricBytesPerSecond: speed(labels.get('ib.coreweave.cloud/speed')),
  });
}

function places(facts: NodeFacts, prefix: string) {
  return placesFrom(facts, [
    ['fabric', `${prefix}/fabric`],
    ['superpod', `${prefix}/superpod`],
    ['leaf group', `${prefix}/leafgroup`],
  ]);
}

function infiniBand({ labels }: NodeFacts): FabricKind | undefined {
  return labels.has('ib.coreweave.cloud/fabric') ? 'infiniband' : undefined;
}

/** Speed of all the node's ports together. */
function speed(label: string | undefined): number | undefined {
  const gigabits = positiveInteger(label?.replace(/G$/, ''));
  return gigabits === undefined ? undefined : gigabits * GIGABIT_PER_SECOND;
}
