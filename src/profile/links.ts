/** Links between GPUs, and what of their nominal rate collectives reach is in {@link ./efficiency.ts}. */

/**
 * Of one hop of a ring at large messages. NVLink: all-reduce of 1 to 8 MiB on eight A100 takes 102 to 134 µs, so 6 µs for each of
 * its 14 hops besides bytes and start ("Machine Learning Engineering", network/README.md, nccl-tests); NCCL's own model has
 * 3.4 µs. Others: NCCL's model (`src/graph/tuning.cc` of NCCL 2.19, `hwLat`, protocol Simple). Seconds.
 */
const NVLINK_HOP = 6e-6;
const PCI_HOP = 5.7e-6;
const NETWORK_HOP = 14e-6;

export interface Link {
  readonly name: string;
  /** Nominal rate at which one GPU sends to all others together. Bytes a second. */
  readonly bytesPerSecond: number;
  /** Of one hop. Seconds. */
  readonly latencySeconds: number;
  /** Switches add up on the way (NVLink SHARP), so that an all-reduce sends each byte once. */
  readonly reducesInSwitch: boolean;
  /** Links go from GPU to GPU without a switch: of this many, a group uses those among its members. */
  readonly directPeers: number | null;
}

function nvlink(generation: number, bytesPerSecond: number, reducesInSwitch = false): Link {
  return {
    name: `NVLink-${generation}`,
    bytesPerSecond,
    latencySeconds: NVLINK_HOP,
    reducesInSwitch,
    directPeers: null,
  };
}

/** ×16 slots. PCI-SIG: 8, 16 and 32 GT/s a lane with 128b/130b coding. */
function pcie(generation: number, transfersPerSecond: number): Link {
  const bytesPerSecond = (16 * transfersPerSecond * (128 / 130)) / 8;
  return {
    name: `PCIe-${generation}`,
    bytesPerSecond,
    latencySeconds: PCI_HOP,
    reducesInSwitch: false,
    directPeers: null,
  };
}

/** Inside a node. NVLink: "NVLink and NVLink Switch" product page, half of the bidirectional figure; P100 whitepaper for 1. */
export const NODE_LINKS = {
  'NVLink-1': nvlink(1, 80e9),
  'NVLink-2': nvlink(2, 150e9),
  'NVLink-3': nvlink(3, 300e9),
  'NVLink-4': nvlink(4, 450e9, true),
  'NVLink-5': nvlink(5, 900e9, true),
  // Seven links of 64 GB/s each way, one to each other GPU (AMD Instinct MI300X platform data sheet).
  'xGMI-3': {
    name: 'xGMI-3',
    bytesPerSecond: 7 * 64e9,
    latencySeconds: NVLINK_HOP,
    reducesInSwitch: false,
    directPeers: 7,
  },
  'PCIe-3': pcie(3, 8e9),
  'PCIe-4': pcie(4, 16e9),
  'PCIe-5': pcie(5, 32e9),
} as const satisfies Record<string, Link>;

export type LinkName = keyof typeof NODE_LINKS;

/** Between nodes: what a node has where its labels do not say, one port of the least that is sold with GPU servers. */
export interface Network {
  readonly name: string;
  /** Bytes a second out of a node. */
  readonly defaultBytesPerSecond: number;
  /** Of one hop. Seconds. */
  readonly latencySeconds: number;
}

const GIGABIT = 1e9 / 8;

export const NETWORKS = {
  // One HDR port: 200 Gbit/s (InfiniBand Trade Association roadmap: EDR 100, HDR 200, NDR 400, XDR 800).
  infiniband: { name: 'InfiniBand', defaultBytesPerSecond: 200 * GIGABIT, latencySeconds: NETWORK_HOP },
  roce: { name: 'RoCE', defaultBytesPerSecond: 100 * GIGABIT, latencySeconds: NETWORK_HOP },
  // EC2 P3dn and G5.48xlarge: 100 Gbit/s; P4d has 400, P5 3200.
  efa: { name: 'EFA', defaultBytesPerSecond: 100 * GIGABIT, latencySeconds: NETWORK_HOP },
  // NCCL's socket transport adds the kernel's TCP stack on both sides, some tens of microseconds.
  ethernet: { name: 'Ethernet', defaultBytesPerSecond: 10 * GIGABIT, latencySeconds: 50e-6 },
} as const satisfies Record<string, Network>;
