/** Quantities as people read them. */

const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, minimumSignificantDigits: 3 });
const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

const SECONDS: readonly (readonly [number, string])[] = [
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
];

const BYTES: readonly (readonly [number, string])[] = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
  [1, 'bytes'],
];

/** 0.0123 → `12.3 ms`. */
export function formatSeconds(seconds: number): string {
  return seconds === 0 ? '0 s' : inUnit(seconds, SECONDS);
}

/** 66035122176 → `61.5 GiB`. */
export function formatBytes(bytes: number): string {
  return inUnit(bytes, BYTES);
}

/** 212480 → `212,480`; 3.14159 → `3.14`. */
export function formatNumber(number: number): string {
  return Number.isInteger(number) ? GROUPED.format(number) : significant(number);
}

/** 0.431 → `43.1%`. */
export function formatShare(share: number): string {
  return `${significant(share * 100)}%`;
}

/** 1, `node` → `1 node`; 2, `node` → `2 nodes`. */
export function formatCount(count: number, noun: string): string {
  return `${GROUPED.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function inUnit(value: number, units: readonly (readonly [number, string])[]): string {
  const [size, unit] = units.find(([each]) => Math.abs(value) >= each) ?? units.at(-1) ?? [1, ''];
  return `${significant(value / size)} ${unit}`;
}

function significant(number: number): string {
  return Math.abs(number) < 999.5 ? THREE_DIGITS.format(number) : GROUPED.format(number);
}
