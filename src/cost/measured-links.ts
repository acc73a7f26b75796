/** Measured seconds of communication, where somebody measured these very ranks. */
import type { Operation } from '../profile/measured/measured-links.ts';
import { greatestCommonDivisor } from './divisors.ts';
import type { Exchange } from './exchange.ts';
import type { Hardware } from './hardware.ts';
import type { RankGroup } from './routes.ts';

const OPERATIONS = {
  'all-reduce': 'AllReduce',
  'all-gather': 'AllGather',
  'reduce-scatter': 'ReduceScatter',
} as const satisfies Record<Exchange['kind'], Operation>;

/**
 * An all-gather or reduce-scatter that was not measured takes half of the all-reduce of its group, which is one of each in a
 * ring (Thakur et al. 2005, doi 10.1177/1094342005051521).
 */
export function measuredCollectiveSeconds(
  hardware: Hardware,
  group: RankGroup,
  { kind, bytes }: Exchange,
): number | undefined {
  const { measured } = hardware;
  if (measured === undefined) {
    return undefined;
  }
  const ranks = { ...group, membersPerNode: membersPerNode(hardware, group) };
  const own = measured.collective(OPERATIONS[kind], ranks, bytes);
  const both = measured.collective('AllReduce', ranks, bytes);
  return own ?? (both === undefined ? undefined : both / 2);
}

export function measuredTransferSeconds(
  { measured, tiers }: Hardware,
  stride: number,
  bytes: number,
): number | undefined {
  return measured?.send(stride, tiers.at(-1)?.kind === 'network', bytes);
}

/** Members of a group on one node, wherever the group lies. */
function membersPerNode({ tiers }: Hardware, { stride, size }: RankGroup): number {
  const near = tiers.findLast(({ kind }) => kind !== 'network')?.gpus ?? 1;
  return greatestCommonDivisor(size, Math.max(1, Math.floor(near / stride)));
}
