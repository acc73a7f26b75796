import { OVERLAP_SLOWDOWN } from '../profile/efficiency.ts';
import type { Hardware } from './hardware.ts';

type Links = Pick<Hardware, 'measured'>;

/** Seconds of computation and communication that run side by side: the longer, and a share of the shorter. */
export function overlappedSeconds(links: Links, computation: number, communication: number): number {
  return Math.max(computation, communication) + shareOfShorter(links) * Math.min(computation, communication);
}

/** What communication adds to computation that it runs beside. */
export function exposedSeconds(links: Links, computation: number, communication: number): number {
  return overlappedSeconds(links, computation, communication) - computation;
}

/** Computation that takes k times as long while communication runs does 1/k of the work of that time; the rest is added. */
function shareOfShorter({ measured }: Links): number {
  const slowdown = measured?.computationSlowdown;
  return slowdown === undefined ? OVERLAP_SLOWDOWN : 1 - 1 / slowdown;
}
