import type { NodeFacts } from '../node-facts.ts';
import { domainIn, placesFrom, type Reading, reading } from '../reading.ts';
import type { FabricKind } from '../topology.ts';
import { GIGABIT_PER_SECOND, positiveInteger } from '../units.ts';

const FLAVOURS: Readonly<Record<string, FabricKind>> = { infiniband: 'infiniband', roce: 'roce' };

/**
 * CoreWeave. Source: docs.coreweave.com, "InfiniBand and RoCE labels"; the value of the speed label (`3200G`, `0G` where
 * there is none) as seen in public code that reads it.
 */
export function coreWeave(facts: NodeFacts): Reading {
  const { labels } = facts;
  const path = places(facts, 'backend.coreweave.cloud') ?? places(facts, 'ib.coreweave.cloud');
  return reading({
    acceleratorDomain: domainIn(path, labels.get('ds.coreweave.com/nvlink.domain')),
    path,
    fabricKind: FLAVOURS[labels.get('backend.coreweave.cloud/flavor') ?? ''] ?? infiniBand(facts),
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
