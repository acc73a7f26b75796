import type { V1Node, V1NodeCondition } from '@kubernetes/client-node';
import { ANNOTATION } from '../../../src/api/group.ts';
import type { Labels } from '../nodes/node-kind.ts';

/** Says that pods of the node run for real; kwok leaves such nodes alone. */
export const AGENT_LABEL = 'test.uniap.dev/agent';

const GIBIBYTE = 2 ** 30;
const KUBELET_VERSION = 'v1.36.3';

export interface NodeOptions {
  readonly count: number;
  /** Names are the prefix, a dash and the node's number from 0. */
  readonly prefix: string;
  /** Ranks that a node can run; each stands for a GPU. */
  readonly gpus: number;
  /** Of each of them, in GiB. */
  readonly memoryGiB?: number;
  readonly labels?: Labels;
}

/** Nodes whose GPUs are cores of this machine, which they all share. */
export function cpuNodes({ count, prefix, gpus, memoryGiB = 4, labels = {} }: NodeOptions): readonly V1Node[] {
  return Array.from({ length: count }, (_, index) => cpuNode(`${prefix}-${index}`, { gpus, memoryGiB, labels }));
}

function cpuNode(
  name: string,
  { gpus, memoryGiB, labels }: Required<Pick<NodeOptions, 'gpus' | 'memoryGiB' | 'labels'>>,
): V1Node {
  const override = {
    product: 'EPYC-7763-core',
    memoryBytes: memoryGiB * GIBIBYTE,
    interconnect: 'pcie',
    fabric: { kind: 'ethernet', gigabitsPerSecond: 10 },
  };
  const resources = { cpu: '8', memory: `${memoryGiB * gpus}Gi`, pods: '110', 'nvidia.com/gpu': String(gpus) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { [AGENT_LABEL]: 'true', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels },
      annotations: { [ANNOTATION.nodeOverride]: JSON.stringify(override) },
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      conditions: [ready()],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'uniap-test-agent://1',
        kernelVersion: '',
        kubeProxyVersion: KUBELET_VERSION,
        kubeletVersion: KUBELET_VERSION,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Linux',
        systemUUID: '',
      },
    },
  };
}

export function ready(): V1NodeCondition {
  return condition('True', 'KubeletReady', 'pods run as processes of this machine');
}

/** What the node lifecycle controller writes of a node from which it has not heard for too long. */
export function lost(): V1NodeCondition {
  return condition('Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.');
}

function condition(status: string, reason: string, message: string): V1NodeCondition {
  return { type: 'Ready', status, reason, message, lastHeartbeatTime: new Date(), lastTransitionTime: new Date() };
}
