import { at, range } from './at.ts';
import { float } from './entries.ts';
import type { Edge, LayeredGraph } from './layered-graph.ts';
import { leastTogether, NOTHING, type Outlay, thinned, type Weighting } from './outlay.ts';
import type { BoundedRun, Measure, RunBounds } from './run-bounds.ts';
import { extended, StageSteps } from './stage-steps.ts';

export interface AheadOptions {
  /** What a stage costs at least that holds a run and is left by a class; no more than `most` in p. */
  readonly outlays: (run: BoundedRun, leave: number, most: number) => readonly Outlay[];
  /** By which totals are measured. */
  readonly measure: Measure;
  readonly weighting: Weighting;
  /** Only plans of fewer ticks are of interest. */
  readonly cutoff: number;
  /** Bounds by which some places are known to be in no such plan. */
  readonly within?: Ahead;
}

/** Outlays that are told apart at one place. */
const MOST_OUTLAYS = 32;

/**
 * Lower bounds of what is to come wherever a stage may begin, for every place below the cutoff. Unlike shortest paths,
 * these know that stages are made of whole layers, that each has its own memory limit, and that the slowest counts. From
 * the last stage backwards, all ends of a stage are tried.
 */
export class Ahead {
  /** Of every plan; Infinity where none is below the cutoff. Ticks. */
  readonly lowerBound: number;
  readonly weighting: Weighting;
  readonly #graph: LayeredGraph;
  readonly #bounds: RunBounds;
  readonly #options: AheadOptions;
  /** `arrival[i][u][b]`: the least that is paid before stage i begins at layer u by class b. */
  readonly #arrival: readonly (readonly Float64Array[])[];
  /** `from[i][u][b]`: what is to be paid from there. */
  readonly #from: (readonly (readonly Outlay[])[] | undefined)[][];
  /** `after[i][v][a]`: after stage i, which ends with layer v and is left by class a, and the boundary. */
  readonly #after: (readonly (readonly Outlay[])[] | undefined)[][];
  readonly #lastEnds: number[][][];

  constructor(graph: LayeredGraph, bounds: RunBounds, options: AheadOptions) {
    const { stages } = graph.problem;
    this.#graph = graph;
    this.#bounds = bounds;
    this.#options = options;
    this.weighting = options.weighting;
    this.#arrival = arrivals(graph, options.measure);
    this.#from = range(0, stages).map(() => []);
    this.#after = range(0, stages).map(() => []);
    this.#lastEnds = range(0, stages).map(() => []);
    for (const stage of range(0, stages).reverse()) {
      this.#addStage(stage);
    }
    this.lowerBound = leastTogether([NOTHING], this.from(0, 0, 0), this.weighting);
  }

  /** Of stage `stage` and those after it, where it begins at layer `u` by class `enter`; none if not below the cutoff. */
  from(stage: number, u: number, enter: number): readonly Outlay[] {
    return this.#from[stage]?.[u]?.[enter] ?? [];
  }

  /** Of the boundary and the stages after `stage`, where it ends with layer `v` by class `leave`. */
  after(stage: number, v: number, leave: number): readonly Outlay[] {
    const ends = at(this.#after, stage);
    return (ends[v] ??= this.#afterEach(stage, v))[leave] ?? [];
  }

  /** The last layer with which a stage that begins there may end in a plan below the cutoff; before `u` if with none. */
  lastEnd(stage: number, u: number, enter: number): number {
    return this.#lastEnds[stage]?.[u]?.[enter] ?? -1;
  }

  #addStage(stage: number): void {
    const { cells, problem, edges } = this.#graph;
    const { stages } = problem;
    for (let u = stage; u <= (stage === 0 ? 0 : cells.length - (stages - stage)); u += 1) {
      const ahead = range(0, edges[u - 1]?.enters ?? 1).map((enter) => this.#aheadOf(stage, u, enter));
      at(this.#from, stage)[u] = ahead.map(({ outlays }) => outlays);
      at(this.#lastEnds, stage)[u] = ahead.map(({ lastEnd }) => lastEnd);
    }
  }

  #aheadOf(stage: number, u: number, enter: number): { readonly outlays: Outlay[]; readonly lastEnd: number } {
    const { stages, microBatches } = this.#graph.problem;
    const { cutoff, outlays: outlaysOf, within } = this.#options;
    const paid = float(at(at(this.#arrival, stage), u), enter);
    const whole: Outlay[] = [];
    const last = within?.lastEnd(stage, u, enter) ?? this.#graph.cells.length - (stages - stage);
    let lastEnd = u - 1;
    let isOpen = paid < cutoff;
    let run: BoundedRun | undefined;
    for (let v = u; isOpen && v <= last; v += 1) {
      run = run === undefined ? this.#bounds.begin(stage, u, enter) : this.#bounds.extend(run, stage, v);
      const before = whole.length;
      isOpen = false;
      for (let leave = 0; leave < run.leaves; leave += 1) {
        isOpen ||= microBatches * this.#bounds.time(run, leave) < cutoff;
        const after = this.after(stage, v, leave);
        const most = (cutoff - this.#withoutSlowest(paid, after)) / microBatches;
        this.#add(whole, outlaysOf(run, leave, most), after, paid);
      }
      lastEnd = whole.length > before ? v : lastEnd;
    }
    return { outlays: thinned(whole, MOST_OUTLAYS), lastEnd };
  }

  /** What is paid at least besides the c times that a stage takes if it is the slowest. */
  #withoutSlowest(paid: number, after: readonly Outlay[]): number {
    const { slowest, iteration } = this.weighting;
    return slowest > 0 ? paid + leastTogether([NOTHING], after, { slowest: 0, iteration }) : 0;
  }

  /** Adds the outlays of a stage with those after it, where they may be of a plan below the cutoff. */
  #add(whole: Outlay[], own: readonly Outlay[], after: readonly Outlay[], paid: number): void {
    const { slowest: ofSlowest, iteration: ofIteration } = this.weighting;
    for (let i = 0; i < own.length; i += 1) {
      const one = at(own, i);
      for (let j = 0; j < after.length; j += 1) {
        const other = at(after, j);
        const total = one.total + other.total;
        const slowest = Math.max(one.slowest, other.slowest);
        const iteration = Math.max(one.iteration, other.iteration);
        if (paid + total + ofSlowest * slowest + ofIteration * iteration < this.#options.cutoff) {
          whole.push({ total, slowest, iteration });
        }
      }
    }
  }

  #afterEach(stage: number, v: number): Outlay[][] {
    const edge = this.#graph.edges[v];
    const isLast = stage === this.#graph.problem.stages - 1;
    if (edge === undefined || isLast) {
      return edge === undefined && isLast ? [[NOTHING]] : [];
    }
    const slowestCounts = this.weighting.slowest > 0;
    return range(0, edge.leaves).map((leave) => {
      const outlays = range(0, edge.enters).flatMap((enter) => {
        const arc = leave * edge.enters + enter;
        const [transfer, toll] = [float(edge.transfer, arc), float(edge.toll, arc)];
        return this.from(stage + 1, v + 1, enter).map(({ total, slowest, iteration }) => ({
          total: total + toll,
          slowest: slowestCounts ? Math.max(slowest, transfer) : 0,
          iteration,
        }));
      });
      return thinned(outlays, MOST_OUTLAYS);
    });
  }
}

/** The least that is paid before each place where a stage may begin: shortest paths from the first layer. */
function arrivals(graph: LayeredGraph, measure: Measure): Float64Array[][] {
  const { cells, edges, problem } = graph;
  const steps = new StageSteps(graph, [{ ...measure, memory: 0 }]);
  const arrival = range(0, problem.stages).map((): Float64Array[] => []);
  at(arrival, 0)[0] = Float64Array.of(0);
  for (const stage of range(0, problem.stages)) {
    let inside: Float64Array | undefined;
    for (const u of range(stage, cells.length)) {
      const entering = arrival[stage]?.[u];
      const longer = inside === undefined ? undefined : extended(inside, steps.of(u, stage));
      inside = least(longer, entering === undefined ? undefined : begun(entering, steps, u, stage));
      const edge = edges[u];
      const next = arrival[stage + 1];
      if (edge !== undefined && next !== undefined) {
        next[u + 1] = inside === undefined ? new Float64Array(edge.enters).fill(Infinity) : across(edge, inside);
      }
    }
  }
  return arrival;
}

function begun(entering: Float64Array, steps: StageSteps, u: number, stage: number): Float64Array {
  const { begin, leaves } = steps.of(u, stage);
  const charges = new Float64Array(leaves).fill(Infinity);
  for (let entry = 0; entry < begin.length; entry += 1) {
    const leave = entry % leaves;
    charges[leave] = Math.min(float(charges, leave), float(entering, Math.floor(entry / leaves)) + float(begin, entry));
  }
  return charges;
}

function across({ leaves, enters, toll }: Edge, charges: Float64Array): Float64Array {
  const arrived = new Float64Array(enters).fill(Infinity);
  for (let arc = 0; arc < leaves * enters; arc += 1) {
    const enter = arc % enters;
    const cost = float(charges, Math.floor(arc / enters)) + float(toll, arc);
    arrived[enter] = Math.min(float(arrived, enter), cost);
  }
  return arrived;
}

function least(one: Float64Array | undefined, other: Float64Array | undefined): Float64Array | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : one.map((cost, k) => Math.min(cost, float(other, k)));
}
