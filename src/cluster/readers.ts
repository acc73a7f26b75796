import type { NodeFacts } from './node-facts.ts';
import type { Reader, Reading } from './reading.ts';
import { amd } from './readers/amd.ts';
import { aws, karpenter } from './readers/aws.ts';
import { coreWeave } from './readers/coreweave.ts';
import { generic } from './readers/generic.ts';
import { gke } from './readers/gke.ts';
import { instanceTypeLabel } from './readers/instance-type.ts';
import { nvidia } from './readers/nvidia.ts';
import { oci } from './readers/oci.ts';
import { override } from './readers/override.ts';
import { rdmaGuess, rdmaResources } from './readers/rdma.ts';
import { topograph, topographBefore1 } from './readers/topograph.ts';

/** A reading and where it is from, for people. */
export interface SourcedReading {
  readonly source: string;
  readonly reading: Reading;
}

/** Name of the source that overrules all others. */
export const OVERRIDE = 'override annotation';

/**
 * All sources in order of trust; for each field the first that says anything is believed. An administrator first; then
 * what was found on the node itself; then what the cloud says of this instance; then what Topograph was told by a cloud
 * or a switch; then what is sold under the name of the instance type; last what is in common use, and a guess.
 */
const READERS: readonly (readonly [source: string, read: Reader])[] = [
  [OVERRIDE, override],
  ['NVIDIA GPU feature discovery', nvidia],
  ['AMD node labeller', amd],
  ['RDMA resources', rdmaResources],
  ['CoreWeave', coreWeave],
  ['Oracle Cloud', oci],
  ['AWS', aws],
  ['Topograph', topograph],
  ['Topograph before 1.0', topographBefore1],
  ['instance type', instanceTypeLabel],
  ['Google Kubernetes Engine', gke],
  ['Karpenter', karpenter],
  ['common labels', generic],
  ['node feature discovery', rdmaGuess],
];

/** What every source says of a node, most trusted first. */
export function readSources(facts: NodeFacts): readonly SourcedReading[] {
  return READERS.map(([source, read]) => ({ source, reading: read(facts) }));
}
