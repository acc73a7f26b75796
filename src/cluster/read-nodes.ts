import { type Candidate, candidate, freeGpus, gpusOf, type NodeSelection, unrequested } from './candidate.ts';
import { exclusionOf } from './exclusion.ts';
import type { NodeObject, PodObject } from './objects.ts';
import type { Reading } from './reading.ts';
import { requestsByNode } from './requests.ts';
import type { ExcludedNode, Fabric, GpuNode, RdmaDevices } from './topology.ts';

export interface ClusterReading {
  readonly nodes: readonly GpuNode[];
  readonly excluded: readonly ExcludedNode[];
}

/**
 * Reads what a job may run on.
 *
 * @param nodes - all Node objects, whatever is on them.
 * @param pods - pods of all namespaces, less those of the job itself. Those bound to a node hold its GPUs until they end.
 * @returns the nodes that the job may use, and the others with a reason each; both in the order of `nodes`.
 */
export function readNodes(
  nodes: readonly NodeObject[],
  pods: readonly PodObject[],
  selection: NodeSelection = {},
): ClusterReading {
  const requests = requestsByNode(pods);
  const usable: GpuNode[] = [];
  const excluded: ExcludedNode[] = [];
  for (const node of nodes) {
    const of = candidate(node, selection, requests.get(node.metadata?.name ?? '') ?? []);
    const exclusion = exclusionOf(of);
    if (exclusion === undefined) {
      usable.push(gpuNode(of));
    } else {
      excluded.push({ name: of.facts.name, ...exclusion });
    }
  }
  return { nodes: usable, excluded };
}

function gpuNode(of: Candidate): GpuNode {
  const { facts, reading } = of;
  const rdma = rdmaOf(of);
  return {
    name: facts.name,
    product: reading.product ?? '',
    memoryBytes: reading.memoryBytes ?? null,
    ...driverOf(reading),
    ...gpusOf(of),
    free: freeGpus(of),
    interconnect: reading.interconnect ?? null,
    nvlinkDomain: nvlinkDomainOf(reading),
    path: [...(reading.zone ?? []), ...(reading.path ?? [])],
    fabric: rdma?.quantity === 0 ? { kind: 'ethernet', bytesPerSecond: null } : fabricOf(reading),
    rdma: rdma?.quantity === 0 ? null : rdma,
  };
}

function driverOf({ driver }: Reading): Pick<GpuNode, 'driver'> {
  return driver === undefined ? {} : { driver };
}

/** The node's RDMA devices that are left; 0 where other pods have them all, so that traffic must go without. */
function rdmaOf(of: Candidate): RdmaDevices | null {
  const resource = of.reading.rdmaResource ?? null;
  if (resource === null) {
    return null;
  }
  return { resource, quantity: unrequested(of, resource), allocatable: of.facts.allocatable.get(resource) ?? 0 };
}

function fabricOf({ fabricKind, fabricBytesPerSecond }: Reading): Fabric | null {
  if (fabricKind === null || (fabricKind === undefined && fabricBytesPerSecond === undefined)) {
    return null;
  }
  return { kind: fabricKind ?? 'ethernet', bytesPerSecond: fabricBytesPerSecond ?? null };
}

/** An accelerator domain is an NVLink domain where NVLink reaches beyond the node: in NVL72 racks of GB200 and GB300. */
function nvlinkDomainOf({ product = '', nvlinkDomain, acceleratorDomain }: Reading): string | null {
  const rackScale = /\bGB[23]00\b/.test(product);
  const named = nvlinkDomain === undefined && rackScale ? acceleratorDomain : nvlinkDomain;
  return named ?? null;
}
