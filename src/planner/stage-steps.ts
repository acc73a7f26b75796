import { at } from './at.ts';
import { float, int } from './entries.ts';
import type { Cell, Edge, LayeredGraph } from './layered-graph.ts';

/** What a stage is charged for: p and e by the tick, and memory without buffers by the room of the stage. */
export interface Pricing {
  readonly time: number;
  readonly iteration: number;
  readonly memory: number;
}

/** The least charges of a layer in a stage, whatever strategy it takes: entry (pricing · rows + row) · leaves + leave. */
export interface Step {
  /** A row for each class by which the layer is entered: it begins the stage. */
  readonly begin: Float64Array;
  /** A row for each class by which the layer before, in the same stage, is left: with resharding between. */
  readonly go: Float64Array;
  readonly enters: number;
  readonly leavesBefore: number;
  readonly leaves: number;
}

/** Steps through the stages of a graph under several pricings at once: what runs of layers cost at least is made of these. */
export class StageSteps {
  readonly pricings: readonly Pricing[];
  readonly #graph: LayeredGraph;
  /** Cells that layers share have one step. */
  readonly #steps = new Map<Cell, Step>();

  constructor(graph: LayeredGraph, pricings: readonly Pricing[]) {
    this.#graph = graph;
    this.pricings = pricings;
  }

  of(u: number, stage: number): Step {
    const cell = at(at(this.#graph.cells, u), stage);
    const known = this.#steps.get(cell);
    if (known !== undefined) {
      return known;
    }
    const step = this.#stepOf(cell, u, at(this.#graph.room, stage));
    this.#steps.set(cell, step);
    return step;
  }

  #stepOf(cell: Cell, u: number, room: number): Step {
    const [before, after] = [this.#graph.edges[u - 1], this.#graph.edges[u]];
    const [enters, leaves] = [before?.enters ?? 1, after?.leaves ?? 1];
    const begin = new Float64Array(this.pricings.length * enters * leaves).fill(Infinity);
    for (const [index, { time, iteration, memory }] of this.pricings.entries()) {
      const perPart = memory / room;
      for (let s = 0; s < cell.strategies.length; s += 1) {
        const own = time * float(cell.time, s) + iteration * float(cell.iteration, s) + perPart * float(cell.memory, s);
        const entry = (index * enters + int(cell.enter, s)) * leaves + int(cell.leave, s);
        begin[entry] = Math.min(float(begin, entry), own);
      }
    }
    const go = before === undefined ? new Float64Array(0) : this.#withResharding(before, begin, leaves);
    return { begin, go, enters, leavesBefore: before?.leaves ?? 0, leaves };
  }

  #withResharding({ leaves: leavesBefore, enters, reshard }: Edge, begin: Float64Array, leaves: number): Float64Array {
    const go = new Float64Array(this.pricings.length * leavesBefore * leaves).fill(Infinity);
    for (const [index, { time }] of this.pricings.entries()) {
      for (let arc = 0; arc < leavesBefore * enters; arc += 1) {
        const [from, enter] = [Math.floor(arc / enters), arc % enters];
        for (let leave = 0; leave < leaves; leave += 1) {
          const entry = (index * leavesBefore + from) * leaves + leave;
          // Where time is not charged, a resharding that is impossible still is.
          const arcCost = float(reshard, arc) === Infinity ? Infinity : time * float(reshard, arc);
          go[entry] = Math.min(float(go, entry), arcCost + float(begin, (index * enters + enter) * leaves + leave));
        }
      }
    }
    return go;
  }
}

/** The least charges of a layer alone at the beginning of a stage: entry pricing · leaves + leave. */
export function beginning({ begin, enters, leaves }: Step, enter: number, pricings: number): Float64Array {
  const charges = new Float64Array(pricings * leaves);
  for (let index = 0; index < pricings; index += 1) {
    const row = (index * enters + enter) * leaves;
    charges.set(begin.subarray(row, row + leaves), index * leaves);
  }
  return charges;
}

/** Extends the least charges of runs, entry pricing · leaves + leave, by a layer. */
export function extended(charges: Float64Array, { go, leavesBefore, leaves }: Step): Float64Array {
  const longer = new Float64Array((charges.length / leavesBefore) * leaves).fill(Infinity);
  for (let row = 0; row < charges.length; row += 1) {
    const soFar = float(charges, row);
    const base = Math.floor(row / leavesBefore) * leaves;
    for (let leave = 0; leave < leaves; leave += 1) {
      longer[base + leave] = Math.min(float(longer, base + leave), soFar + float(go, row * leaves + leave));
    }
  }
  return longer;
}
