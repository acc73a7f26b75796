import { int } from './entries.ts';

/** Grows by doubling. */
const FIRST_CAPACITY = 1024;

/**
 * Runs of layers of one stage, from its first, in arrays of one entry a run: what they cost, and the state of the last
 * layer. A run is known by its index.
 */
export class StageRuns {
  length = 0;
  time = new Float64Array(FIRST_CAPACITY);
  iteration = new Float64Array(FIRST_CAPACITY);
  /** Σ M. Parts of the stage's limit. */
  memory = new Float64Array(FIRST_CAPACITY);
  /** max B. Likewise. */
  buffer = new Float64Array(FIRST_CAPACITY);
  /** Class by which the edge out of the last layer knows it. */
  leave = new Int32Array(FIRST_CAPACITY);
  strategy = new Int32Array(FIRST_CAPACITY);
  /** The run without its last layer; −1 where that is its only one. */
  before = new Int32Array(FIRST_CAPACITY);

  /** Makes an entry at the end, for the caller to fill. */
  add(): number {
    if (this.length === this.time.length) {
      this.#grow();
    }
    this.length += 1;
    return this.length - 1;
  }

  /** Keeps, of the runs from `from` on, these, in this order. */
  keep(from: number, runs: readonly number[]): void {
    for (const column of [
      this.time,
      this.iteration,
      this.memory,
      this.buffer,
      this.leave,
      this.strategy,
      this.before,
    ]) {
      column.set(
        runs.map((run) => column[run] ?? 0),
        from,
      );
    }
    this.length = from + runs.length;
  }

  /** Strategies of a run's layers, in order. */
  strategiesOf(run: number): number[] {
    const strategies: number[] = [];
    for (let last = run; last >= 0; last = int(this.before, last)) {
      strategies.push(int(this.strategy, last));
    }
    return strategies.reverse();
  }

  #grow(): void {
    const float64 = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    const int32 = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.time = float64(this.time);
    this.iteration = float64(this.iteration);
    this.memory = float64(this.memory);
    this.buffer = float64(this.buffer);
    this.leave = int32(this.leave);
    this.strategy = int32(this.strategy);
    this.before = int32(this.before);
  }
}
