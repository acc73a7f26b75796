/** Nodes and pods for tests, made of what a test is about. */
import type { V1Container, V1Node, V1NodeCondition, V1Pod, V1Taint } from '@kubernetes/client-node';
import { readNodes } from '../../src/cluster/read-nodes.ts';
import type { GpuNode } from '../../src/cluster/topology.ts';

type Strings = Readonly<Record<string, string>>;

/** What a node may have besides labels and resources. */
interface NodeParts {
  readonly annotations?: Strings;
  readonly deletionTimestamp?: Date;
  readonly unschedulable?: boolean;
  readonly taints?: V1Taint[];
  readonly conditions?: V1NodeCondition[];
  readonly capacity?: Strings;
}

/** A ready Node; `{ 'nvidia.com/gpu': '8' }` allocatable unless said otherwise. */
export function nodeOf(
  labels: Strings,
  allocatable: Strings = { 'nvidia.com/gpu': '8' },
  name = 'node-1',
  parts: NodeParts = {},
): V1Node {
  const { annotations = {}, capacity = allocatable, conditions, taints = [], unschedulable = false } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { ...labels },
      annotations: { ...annotations },
      ...(parts.deletionTimestamp && { deletionTimestamp: parts.deletionTimestamp }),
    },
    spec: { unschedulable, taints },
    status: {
      capacity: { ...capacity },
      allocatable: { ...allocatable },
      conditions: conditions ?? [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  };
}

/** A node of 8 H100, the plainest there is. */
export function h100(name: string, labels: Strings = {}, parts: NodeParts = {}): V1Node {
  return nodeOf({ 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3', ...labels }, undefined, name, parts);
}

export function containerOf(requests: Strings, more: Pick<V1Container, 'restartPolicy'> = {}): V1Container {
  return { name: 'main', resources: { requests: { ...requests } }, ...more };
}

/** A container that requests NVIDIA GPUs. */
export function gpuContainer(gpus: number, more: Pick<V1Container, 'restartPolicy'> = {}): V1Container {
  return containerOf({ 'nvidia.com/gpu': String(gpus) }, more);
}

interface PodParts {
  readonly name?: string;
  readonly nodeName?: string;
  readonly phase?: string;
  readonly containers?: V1Container[];
  readonly initContainers?: V1Container[];
}

/** A pod of the namespace `team-a`; running on `node-1` with 2 GPUs unless said otherwise. */
export function podOf({
  name = 'trainer',
  nodeName = 'node-1',
  phase = 'Running',
  containers = [gpuContainer(2)],
  initContainers = [],
}: PodParts = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'team-a' },
    spec: { nodeName, containers, initContainers },
    status: { phase },
  };
}

/** A running pod bound to a node, of one container that has `gpus`. */
export function podOn(nodeName: string, gpus: number, name = 'trainer'): V1Pod {
  return podOf({ name, nodeName, containers: [gpuContainer(gpus)] });
}

/** What is read of a single node: itself, or the reason that it is excluded. */
export function readOne(node: V1Node, pods: readonly V1Pod[] = []): GpuNode | string | undefined {
  const { nodes, excluded } = readNodes([node], pods);
  return nodes[0] ?? excluded[0]?.reason;
}

/** A node as read, for allocations: 8 H100, all free, nothing known of its place. */
export function gpuNode(name: string, fields: Partial<GpuNode> = {}): GpuNode {
  return {
    name,
    product: 'NVIDIA-H100-80GB-HBM3',
    memoryBytes: 81559 * 2 ** 20,
    resource: 'nvidia.com/gpu',
    gpus: 8,
    free: 8,
    interconnect: 'nvlink',
    nvlinkDomain: null,
    path: [],
    fabric: { kind: 'infiniband', bytesPerSecond: 400e9 },
    rdma: null,
    ...fields,
  };
}

/** `spine=s1/leaf=l2` as a path. */
export function pathOf(text: string): GpuNode['path'] {
  return text.split('/').map((place) => {
    const [level = '', name = ''] = place.split('=');
    return { level, name };
  });
}
