import { type Outlay, outlayCosts } from './outlay.ts';
import { paretoFront } from './pareto.ts';

/** Whole stages, from the first: what they cost, with the boundary after each. */
export interface Prefix extends Outlay {
  /** The last of the stages, whole. */
  readonly run: number;
  readonly before: Prefix | null;
}

/** A place where a stage may begin, and the ways there of which none is as good as another. */
export class Entry {
  readonly layer: number;
  /** Class by which the layer is entered. */
  readonly enter: number;
  #prefixes: Prefix[] = [];
  /** How many of them have been compared with each other. */
  #compared = 0;

  constructor(layer: number, enter: number) {
    this.layer = layer;
    this.enter = enter;
  }

  /** Adds a way. Comparing waits until there are twice as many as at the last time, which keeps it cheap. */
  add(prefix: Prefix): void {
    if (this.#prefixes.push(prefix) > 2 * this.#compared + MIN_COMPARED) {
      this.#compare();
    }
  }

  get prefixes(): readonly Prefix[] {
    if (this.#prefixes.length > this.#compared) {
      this.#compare();
    }
    return this.#prefixes;
  }

  #compare(): void {
    this.#prefixes = paretoFront(this.#prefixes, outlayCosts);
    this.#compared = this.#prefixes.length;
  }
}

const MIN_COMPARED = 64;
