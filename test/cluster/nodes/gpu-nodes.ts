import type { V1Node } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import * as aws from './aws.ts';
import * as clouds from './clouds.ts';
import type { Labels, NodeKind, Place } from './node-kind.ts';
import * as onPremises from './on-premises.ts';

const KINDS = {
  'coreweave-h100': clouds.coreweaveH100,
  'dgx-a100': onPremises.dgxA100,
  'dgx-b200': onPremises.dgxB200,
  'dgx-h100': onPremises.dgxH100,
  'gb200-nvl72': onPremises.gb200,
  'gke-a3-mega': clouds.gkeA3Mega,
  mi300x: onPremises.mi300x,
  'oci-h100': clouds.ociH100,
  p3dn: aws.p3dn,
  p4d: aws.p4d,
  p5: aws.p5,
  'titan-xp': onPremises.titanXp,
} as const satisfies Readonly<Record<string, NodeKind>>;

export type NodeKindName = keyof typeof KINDS;

/** Every kind of node there is. */
export const NODE_KINDS: readonly NodeKindName[] = Object.keys(KINDS).filter((name) => isKind(name));

export interface NodeOptions {
  readonly count: number;
  /** Names are the prefix, a dash and the node's number from 0; the kind's name unless said otherwise. */
  readonly prefix?: string;
  /** Labels on every node besides those of its kind, or instead of them. */
  readonly labels?: Labels;
}

const LEAVES_PER_SPINE = 4;
const KUBELET_VERSION = 'v1.36.3';

/**
 * GPU nodes with the labels, taints and resources that real ones of this kind carry, as one creates them: kwok makes
 * them Ready. Neighbours in number are neighbours in the network.
 */
export function gpuNodes(name: NodeKindName, { count, prefix = name, labels = {} }: NodeOptions): readonly V1Node[] {
  const kind: NodeKind = KINDS[name];
  return Array.from({ length: count }, (_, index) => node(kind, place(kind, index), `${prefix}-${index}`, labels));
}

/** The nodes as YAML, in the form in which `kubectl get nodes -o yaml` prints them and `kubectl apply` takes them. */
export function nodesToYaml(nodes: readonly V1Node[]): string {
  return stringify({ apiVersion: 'v1', kind: 'List', items: nodes }, { lineWidth: 0, aliasDuplicateObjects: false });
}

function place({ nodesPerLeaf = 4 }: NodeKind, index: number): Place {
  const leaf = Math.floor(index / nodesPerLeaf);
  return { node: index, leaf, spine: Math.floor(leaf / LEAVES_PER_SPINE) };
}

function node(kind: NodeKind, where: Place, name: string, labels: Labels): V1Node {
  const architecture = kind.architecture ?? 'amd64';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...kind.labels(where),
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...labels,
      },
    },
    ...(kind.taints && { spec: { taints: [...kind.taints] } }),
    status: {
      capacity: { ...kind.capacity },
      allocatable: { ...kind.allocatable },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      nodeInfo: {
        architecture,
        bootID: '',
        containerRuntimeVersion: 'containerd://2.2.0',
        kernelVersion: '6.12.0',
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

function isKind(name: string): name is NodeKindName {
  return name in KINDS;
}
