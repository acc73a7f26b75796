import type { Toleration } from '../api/training-job.ts';
import { type NodeFacts, nodeFacts } from './node-facts.ts';
import type { NodeObject } from './objects.ts';
import { merge, type Reading } from './reading.ts';
import { readSources, type SourcedReading } from './readers.ts';
import type { PodRequests } from './requests.ts';

/** The device that a job asks for by name. */
export interface DeviceFilter {
  /** As the job writes it, for people. */
  readonly name: string;
  /** Whether a product, with its memory in bytes where known, is that device. */
  readonly matches: (product: string, memoryBytes: number | null) => boolean;
}

/** What a job may run on. */
export interface NodeSelection {
  readonly tolerations?: readonly Toleration[];
  /** Labels that nodes must carry. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly device?: DeviceFilter;
  /** GPUs by node that plans of other jobs hold and that no bound pod requests yet. */
  readonly reservations?: ReadonlyMap<string, number>;
}

/** All that is known of a node when it is decided whether a job may use it. */
export interface Candidate {
  readonly node: NodeObject;
  readonly facts: NodeFacts;
  readonly sources: readonly SourcedReading[];
  /** The sources' readings, merged. */
  readonly reading: Reading;
  readonly selection: NodeSelection;
  /** Pods that hold resources of the node. */
  readonly pods: readonly PodRequests[];
}

export function candidate(node: NodeObject, selection: NodeSelection, pods: readonly PodRequests[]): Candidate {
  const facts = nodeFacts(node);
  const sources = readSources(facts);
  return { node, facts, sources, reading: merge(sources.map(({ reading }) => reading)), selection, pods };
}

/** The node's GPU resource and how many are allocatable. */
export function gpusOf({ facts }: Candidate): { readonly resource: string; readonly gpus: number } {
  const resource = facts.gpuResources[0] ?? '';
  return { resource, gpus: facts.allocatable.get(resource) ?? 0 };
}

/** How many of the resource bound pods have left. */
export function unrequested({ facts, pods }: Candidate, resource: string): number {
  const requested = pods.reduce((sum, { request }) => sum + request(resource), 0);
  return Math.max(0, (facts.allocatable.get(resource) ?? 0) - requested);
}

/** GPUs that neither bound pods nor plans of other jobs hold. */
export function freeGpus(of: Candidate): number {
  const reserved = of.selection.reservations?.get(of.facts.name) ?? 0;
  return Math.max(0, unrequested(of, gpusOf(of).resource) - reserved);
}
