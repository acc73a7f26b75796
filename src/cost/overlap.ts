import { OVERLAP_SLOWDOWN } from '../profile/efficiency.ts';

/** Seconds of computation and communication that run side by side: the longer, and a share of the shorter. */
export function overlappedSeconds(computation: number, communication: number): number {
  return Math.max(computation, communication) + OVERLAP_SLOWDOWN * Math.min(computation, communication);
}

/** What communication adds to computation that it runs beside. */
export function exposedSeconds(computation: number, communication: number): number {
  return overlappedSeconds(computation, communication) - computation;
}
