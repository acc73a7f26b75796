/** Bytes in a mebibyte, the unit of NVIDIA's and Karpenter's memory labels. */
export const MEBIBYTE = 2 ** 20;
/** Bytes in a gibibyte, the unit of AMD's VRAM label (whose `192G` counts 2^30 bytes). */
export const GIBIBYTE = 2 ** 30;
/** Bytes a second in a gigabit a second, the unit in which vendors give network bandwidth. */
export const GIGABIT_PER_SECOND = 1e9 / 8;

const SCALE: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/**
 * Reads the Kubernetes quantity of an extended resource, which is a whole number but may be printed as `1k`.
 * Anything else (fractions, as of cpu) counts as 0.
 */
export function wholeQuantity(quantity: string | number | undefined): number {
  const match = /^(\d+)([kMG]i?|Ki)?$/.exec(String(quantity ?? ''));
  return match === null ? 0 : Number(match[1]) * (SCALE[match[2] ?? ''] ?? 0);
}

/** A label's positive whole number, or undefined where it says none. */
export function positiveInteger(label: string | undefined): number | undefined {
  return label !== undefined && /^[1-9]\d{0,14}$/.test(label) ? Number(label) : undefined;
}
