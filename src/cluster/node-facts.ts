import { ANNOTATION } from '../api/group.ts';
import type { NodeObject } from './objects.ts';
import { wholeQuantity } from './units.ts';

/** Extended resources that stand for whole GPUs. Each is also the key of the taint that keeps other pods away. */
export const GPU_RESOURCES: readonly string[] = ['nvidia.com/gpu', 'amd.com/gpu'];

/** What the readers read of a Node, without the gaps of the API type. */
export interface NodeFacts {
  readonly name: string;
  /** Labels, without those that are empty. */
  readonly labels: ReadonlyMap<string, string>;
  /** Text of our override annotation. */
  readonly override: string | undefined;
  /** Allocatable resources of which there is at least one. */
  readonly allocatable: ReadonlyMap<string, number>;
  /** GPU resources among them. More than one is a contradiction. */
  readonly gpuResources: readonly string[];
}

export function nodeFacts(node: NodeObject): NodeFacts {
  const labels = Object.entries(node.metadata?.labels ?? {})
    .map(([key, value]) => [key, value.trim()] as const)
    .filter(([, value]) => value !== '');
  const allocatable = Object.entries(node.status?.allocatable ?? {})
    .map(([resource, quantity]) => [resource, wholeQuantity(quantity)] as const)
    .filter(([, quantity]) => quantity > 0);
  const quantities = new Map(allocatable);
  return {
    name: node.metadata?.name ?? '',
    labels: new Map(labels),
    override: node.metadata?.annotations?.[ANNOTATION.nodeOverride],
    allocatable: quantities,
    gpuResources: GPU_RESOURCES.filter((resource) => quantities.has(resource)),
  };
}
