/** The gap between a plan's value and what is proved of it, as a share of the value. */

/** What the rounding of sums of doubles explains is no gap. */
const ROUNDING = 1e-12;

/** @returns the gap to three digits, as people read it */
export function writtenGap(gap: number): string {
  return String(isNoGap(gap) ? 0 : Number(gap.toPrecision(3)));
}

export function isNoGap(gap: number): boolean {
  return gap <= ROUNDING;
}
