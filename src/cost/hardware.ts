import type { Allocation, NodeInterconnect, Tier } from '../cluster/topology.ts';
import type { Device } from '../profile/device.ts';
import type { HardwareProfile } from '../api/hardware-profile.ts';
import { LINK_EFFICIENCY, NETWORK_EFFICIENCY, STREAM_EFFICIENCY } from '../profile/efficiency.ts';
import { findDevice } from '../profile/find-device.ts';
import { measuredLinks, type MeasuredLinks } from '../profile/measured/measured-links.ts';
import { NO_CORRECTIONS, type Corrections } from './corrections.ts';
import { NETWORKS, NODE_LINKS, type Link, type LinkName } from '../profile/links.ts';

/** A level of the topology with the link that connects its parts. */
export interface HardwareTier extends Pick<Tier, 'kind' | 'name' | 'gpus'> {
  readonly link: Link;
  /** Share of the link's rate that is reached at large messages. */
  readonly efficiency: number;
  /** GPUs whose shares of the rate are one port, so that fewer of them can have more each. */
  readonly gpusPerPort: number;
}

/** What a job's GPUs are and how they are connected, in figures. */
export interface Hardware {
  readonly device: Device;
  /** Of one GPU; bytes. */
  readonly memoryBytes: number;
  /** Nearest first; the last spans all ranks. */
  readonly tiers: readonly HardwareTier[];
  /** What was measured of it, which counts before the figures above. */
  readonly measured?: MeasuredLinks;
  /** What runs on it have shown of the figures of links, devices and layers. */
  readonly corrections?: Corrections;
}

export function correctionsOf({ corrections }: Pick<Hardware, 'corrections'>): Corrections {
  return corrections ?? NO_CORRECTIONS;
}

/** @throws {UserError} where the catalogue does not know the device */
export function hardwareOf(allocation: Allocation): Hardware {
  const device = findDevice(allocation.product, allocation.memoryBytes);
  const inside = NODE_LINKS[nodeLinkName(device, allocation.interconnect)];
  const { link: between, gpusPerPort } = networkOf(allocation);
  return {
    device,
    memoryBytes: allocation.memoryBytes ?? device.memoryBytes,
    tiers: allocation.tiers.map(({ kind, name, gpus }) =>
      kind === 'network'
        ? { kind, name, gpus, link: between, efficiency: NETWORK_EFFICIENCY, gpusPerPort }
        : { kind, name, gpus, link: inside, efficiency: LINK_EFFICIENCY, gpusPerPort: 1 },
    ),
  };
}

/** With what was measured of it. Of memory that is what long arrays reach, a share of the peak. */
export function withMeasured(hardware: Hardware, profile: HardwareProfile['spec']): Hardware {
  const { device } = hardware;
  const rate = profile.arrayBytesPerSecond;
  return {
    ...hardware,
    device: rate === undefined ? device : { ...device, memoryBytesPerSecond: Number(rate) / STREAM_EFFICIENCY },
    measured: measuredLinks(profile),
  };
}

/** The device's own link, unless the node says that it connects its GPUs by PCIe, or by a link that PCIe cards can have too. */
function nodeLinkName(device: Device, interconnect: NodeInterconnect | null): LinkName {
  const own = interconnectOf(device.link);
  if (interconnect === null || interconnect === own) {
    return device.link;
  }
  // A bridge between PCIe cards joins two of them: what all GPUs of the node have in common is still PCIe.
  return own === 'pcie' ? device.link : hostLinkOf(device);
}

function interconnectOf(link: LinkName): NodeInterconnect {
  return link.startsWith('NVLink') ? 'nvlink' : link.startsWith('xGMI') ? 'xgmi' : 'pcie';
}

const HOST_LINKS: Partial<Record<LinkName, LinkName>> = {
  'NVLink-3': 'PCIe-4',
  'NVLink-4': 'PCIe-5',
  'NVLink-5': 'PCIe-5',
  'xGMI-3': 'PCIe-5',
};

function hostLinkOf({ link }: Device): LinkName {
  return HOST_LINKS[link] ?? 'PCIe-3';
}

/**
 * Servers with RDMA have a port for each GPU or two, and a job has those of its GPUs: an equal part of the node's rate, whoever
 * uses the rest. Plain Ethernet is one port, of which a job is taken to have all, and each of its GPUs an equal part.
 */
function networkOf({ fabric, gpusPerNode, nodeGpus }: Allocation): Pick<HardwareTier, 'link' | 'gpusPerPort'> {
  const kind = fabric?.kind ?? 'ethernet';
  const { name, defaultBytesPerSecond, latencySeconds } = NETWORKS[kind];
  const bytesPerSecond =
    (fabric?.bytesPerSecond ?? defaultBytesPerSecond) / (kind === 'ethernet' ? gpusPerNode : nodeGpus);
  return {
    link: { name, bytesPerSecond, latencySeconds, reducesInSwitch: false, directPeers: null },
    gpusPerPort: kind === 'ethernet' ? gpusPerNode : 1,
  };
}
