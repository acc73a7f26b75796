/** Which links a group of ranks talks over. */
import { greatestCommonDivisor } from './divisors.ts';
import type { Hardware, HardwareTier } from './hardware.ts';

/** Ranks r, r + stride, …, r + (size − 1) · stride, r aligned so that groups tile the ranks of a stage. */
export interface RankGroup {
  readonly stride: number;
  readonly size: number;
}

/** A level that a ring through a group crosses. */
export interface Crossing {
  readonly tier: HardwareTier;
  /** Members of the group inside one part of this level: as many of the part's links carry the ring. */
  readonly members: number;
  /** Steps of the ring that go over this level's link. */
  readonly hops: number;
}

/**
 * The levels that a ring crosses, nearest first. A group whose ranks do not fill aligned blocks of a level is charged the next
 * wider one.
 */
export function ringCrossings({ tiers }: Hardware, group: RankGroup): readonly Crossing[] {
  const needed = tiers.findIndex((tier) => tier.gpus % (group.stride * group.size) === 0);
  const crossed = tiers.slice(0, needed < 0 ? tiers.length : needed + 1);
  return crossed
    .map((tier, level) => {
      const members = membersWithin(group, tiers[level - 1]?.gpus ?? 1);
      const outside = level === crossed.length - 1 ? 1 : group.size / membersWithin(group, tier.gpus);
      return { tier, members, hops: group.size / members - outside };
    })
    .filter(({ hops }) => hops > 0);
}

/** Members of a group that are in one part of a level wherever the group lies. */
function membersWithin({ stride, size }: RankGroup, gpus: number): number {
  return greatestCommonDivisor(size, Math.max(1, Math.floor(gpus / stride)));
}
