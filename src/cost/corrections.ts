/** By how much runs have shown the figures to be wrong. */

/** How many times as much as the figures say, measured ones too, was taken. */
export interface Corrections {
  /** Seconds of a rank's own work. */
  readonly computation: number;
  /** Seconds of every exchange among ranks. */
  readonly communication: number;
  /** Bytes of everything that a plan keeps in a GPU's memory. */
  readonly memory: number;
}

export const NO_CORRECTIONS: Corrections = { computation: 1, communication: 1, memory: 1 };

/** Factors on seconds multiply; of two lessons on memory the larger one holds. */
export function combined(a: Corrections, b: Corrections): Corrections {
  return {
    computation: a.computation * b.computation,
    communication: a.communication * b.communication,
    memory: Math.max(a.memory, b.memory),
  };
}
