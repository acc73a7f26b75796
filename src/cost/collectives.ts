/**
 * Seconds that a group of ranks takes to exchange bytes: start-up, hops, and bytes over the narrowest link (the α–β model;
 * Thakur et al. 2005, doi 10.1177/1094342005051521, for the volumes).
 */
import { COLLECTIVE_SECONDS, SWITCH_REDUCTION_EFFICIENCY, SWITCH_REDUCTION_SECONDS } from '../profile/efficiency.ts';
import type { Exchange } from './exchange.ts';
import { correctionsOf, type Hardware, type HardwareTier } from './hardware.ts';
import { measuredCollectiveSeconds, measuredTransferSeconds } from './measured-links.ts';
import { ringCrossings, type Crossing, type RankGroup } from './routes.ts';

export function collectiveSeconds(hardware: Hardware, group: RankGroup, { kind, bytes }: Exchange): number {
  if (group.size === 1 || bytes === 0) {
    return 0;
  }
  const seconds =
    measuredCollectiveSeconds(hardware, group, { kind, bytes }) ?? predictedSeconds(hardware, group, { kind, bytes });
  return correctionsOf(hardware).communication * seconds;
}

function predictedSeconds(hardware: Hardware, group: RankGroup, { kind, bytes }: Exchange): number {
  const crossings = ringCrossings(hardware, group);
  return kind === 'all-reduce' ? allReduceSeconds(crossings, group, bytes) : ringSeconds(crossings, group, bytes);
}

/** All-gather or reduce-scatter in a ring: each rank sends (n − 1)/n of the bytes in n − 1 steps. */
function ringSeconds(crossings: readonly Crossing[], { size }: RankGroup, bytes: number): number {
  const volume = ((size - 1) / size) * bytes;
  return COLLECTIVE_SECONDS + ringLatency(crossings) + bottleneckSeconds(crossings, size, volume);
}

function ringLatency(crossings: readonly Crossing[]): number {
  return crossings.reduce((sum, { tier, hops }) => sum + hops * tier.link.latencySeconds, 0);
}

/**
 * What it takes longer than to gather at once that each rank in its turn broadcasts what it has: each begins anew, when the one
 * before has reached it, which lies anywhere in its ring.
 */
export function turnsSeconds(hardware: Hardware, group: RankGroup): number {
  return group.size * (COLLECTIVE_SECONDS + ringLatency(ringCrossings(hardware, group)) / 2);
}

/** The quicker of ring or tree, and switches that add up where there are some. */
function allReduceSeconds(crossings: readonly Crossing[], { size }: RankGroup, bytes: number): number {
  const volume = 2 * ((size - 1) / size) * bytes;
  const byRing = COLLECTIVE_SECONDS + treeLatency(crossings) + bottleneckSeconds(crossings, size, volume);
  return Math.min(byRing, inSwitchSeconds(crossings, bytes));
}

/**
 * Inside a node a ring passes everyone twice; across nodes NCCL's double binary trees need 2 log₂ steps at the same volume
 * (NVIDIA developer blog, "Massively Scale Your Deep Learning Training with NCCL 2.4").
 */
function treeLatency(crossings: readonly Crossing[]): number {
  return crossings.reduce(
    (sum, { tier, hops }) =>
      sum + 2 * (tier.kind === 'network' ? Math.log2(hops + 1) : hops) * tier.link.latencySeconds,
    0,
  );
}

function inSwitchSeconds(crossings: readonly Crossing[], bytes: number): number {
  const [only, ...others] = crossings;
  if (only === undefined || others.length > 0 || !only.tier.link.reducesInSwitch) {
    return Infinity;
  }
  return SWITCH_REDUCTION_SECONDS + bytes / (only.tier.link.bytesPerSecond * SWITCH_REDUCTION_EFFICIENCY);
}

function bottleneckSeconds(crossings: readonly Crossing[], size: number, volume: number): number {
  const rates = crossings.map(({ tier, members }) => members * rate(tier, size));
  return volume / Math.min(...rates);
}

/** Bytes a second that a rank sends to a group of `size` over the links of a level. */
function rate({ link, efficiency }: HardwareTier, size: number): number {
  const share = link.directPeers === null ? 1 : Math.min(1, (size - 1) / link.directPeers);
  return link.bytesPerSecond * efficiency * share;
}

/**
 * Each rank of a group receives `bytesPerPeer` from each other one, all at once, but for those `alike` in a row that hold the
 * same as itself.
 */
export function exchangeSeconds(hardware: Hardware, group: RankGroup, bytesPerPeer: number, alike = 1): number {
  const crossings = ringCrossings(hardware, group);
  if (crossings.length === 0) {
    return 0;
  }
  const latency = Math.max(...crossings.map(({ tier }) => tier.link.latencySeconds));
  // What comes from peers outside a part enters it over each rank's own share of the level's link; where links go from GPU
  // to GPU, most of it comes over one of them.
  const seconds = crossings.map(({ tier, members }) => {
    const peers = group.size - Math.max(members, alike);
    return (peers * bytesPerPeer) / rate(tier, 2);
  });
  return correctionsOf(hardware).communication * (COLLECTIVE_SECONDS + latency + Math.max(...seconds));
}

/**
 * The ranks of a stage send to their counterparts in the next one, all at the same time. Stage boundaries lie at different
 * levels of the topology; all are charged the widest.
 */
export function transferSeconds(hardware: Hardware, gpusPerStage: number, bytes: number): number {
  const tier = hardware.tiers.at(-1);
  if (tier === undefined || bytes === 0) {
    return 0;
  }
  const seconds = measuredTransferSeconds(hardware, gpusPerStage, bytes) ?? sendSeconds(tier, gpusPerStage, bytes);
  return correctionsOf(hardware).communication * seconds;
}

function sendSeconds(tier: HardwareTier, gpusPerStage: number, bytes: number): number {
  // Of GPUs that share a port only those at the boundary use it.
  const portShare = tier.gpusPerPort / Math.min(gpusPerStage, tier.gpusPerPort);
  return COLLECTIVE_SECONDS + tier.link.latencySeconds + bytes / (portShare * rate(tier, 2));
}
