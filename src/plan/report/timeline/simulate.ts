/** When each stage works on each micro-batch: the pipeline played through with the predicted times. */
import { invariant } from '../../../api/errors.ts';
import { type Pass, type Pipeline, passesOf } from './order.ts';

/** Seconds of one micro-batch, in all chunks of a stage together. */
export interface PipelineTimes {
  /** Of each stage: its forward and its backward pass. */
  readonly stages: readonly { readonly forward: number; readonly backward: number }[];
  /** Of each boundary between stages: an activation and its gradient. */
  readonly boundaries: readonly number[];
}

export interface Span {
  readonly kind: Pass['kind'] | 'transfer';
  /** The stage that works or sends. */
  readonly stage: number;
  readonly microBatch: number;
  readonly chunk: number;
  /** Seconds from the beginning of the step. */
  readonly start: number;
  readonly end: number;
}

/**
 * Each stage begins a pass as soon as it is done with the one before and has what it needs of its neighbour. Transfers run beside
 * computation, one after another in each direction of a boundary.
 *
 * @returns one span a pass and one a transfer that takes time, in no particular order.
 */
export function simulate(pipeline: Pipeline, times: PipelineTimes): readonly Span[] {
  const runs = times.stages.map((_, stage) => new StageRun(pipeline, stage));
  const simulation = new Simulation(pipeline, times);
  for (let advanced = true; advanced;) {
    advanced = runs.map((run) => run.advance(simulation)).some(Boolean);
  }
  invariant(
    runs.every(({ done }) => done),
    'the stages of a schedule wait for one another',
  );
  return simulation.spans;
}

/** A stage with the passes that it has still to do. */
class StageRun {
  readonly #stage: number;
  readonly #passes: readonly Pass[];
  #next = 0;
  #free = 0;

  constructor(pipeline: Pipeline, stage: number) {
    this.#stage = stage;
    this.#passes = passesOf(pipeline, stage);
  }

  get done(): boolean {
    return this.#next === this.#passes.length;
  }

  /** Does what can be done now; whether there was anything. */
  advance(simulation: Simulation): boolean {
    const before = this.#next;
    for (let pass = this.#passes[this.#next]; pass !== undefined; pass = this.#passes[this.#next]) {
      const ready = simulation.readyAt(pass, this.#stage);
      if (ready === undefined) break;
      this.#free = simulation.work(pass, this.#stage, Math.max(ready, this.#free));
      this.#next += 1;
    }
    return this.#next > before;
  }
}

class Simulation {
  readonly spans: Span[] = [];
  readonly #pipeline: Pipeline;
  readonly #times: PipelineTimes;
  /** When what a pass needs is there. */
  readonly #arrived = new Map<string, number>();
  /** When each direction of each boundary is free. */
  readonly #links = new Map<string, number>();

  constructor(pipeline: Pipeline, times: PipelineTimes) {
    this.#pipeline = pipeline;
    this.#times = times;
  }

  /** When the input of a pass is there; undefined where nobody has sent it yet. */
  readyAt(pass: Pass, stage: number): number | undefined {
    const first = stage === 0 && pass.chunk === 0 && pass.kind === 'forward';
    return first ? 0 : this.#arrived.get(keyOf(pass, stage));
  }

  /** @returns when the pass is done. */
  work(pass: Pass, stage: number, start: number): number {
    const seconds = this.#times.stages[stage]?.[pass.kind] ?? 0;
    const end = start + seconds / this.#pipeline.chunks;
    this.spans.push({ ...pass, stage, start, end });
    this.#handOver(pass, stage, end);
    return end;
  }

  #handOver(pass: Pass, stage: number, end: number): void {
    const next = this.#following(pass, stage);
    if (next === null) return;
    this.#arrived.set(keyOf(next.pass, next.stage), this.#send(pass, { from: stage, to: next.stage }, end));
  }

  /** When what a stage sends arrives. */
  #send(pass: Pass, { from, to }: { readonly from: number; readonly to: number }, end: number): number {
    const seconds = from === to ? 0 : secondsOneWay(this.#times.boundaries, from, to) / this.#pipeline.chunks;
    if (seconds === 0) return end;
    const link = `${from} ${to}`;
    const start = Math.max(end, this.#links.get(link) ?? 0);
    this.#links.set(link, start + seconds);
    this.spans.push({ ...pass, kind: 'transfer', stage: from, start, end: start + seconds });
    return start + seconds;
  }

  /** The pass that needs the outcome of this one. */
  #following(pass: Pass, stage: number): { readonly pass: Pass; readonly stage: number } | null {
    const { stages, chunks } = this.#pipeline;
    const step = pass.kind === 'forward' ? 1 : -1;
    const position = pass.chunk * stages + stage + step;
    if (position === stages * chunks) return { pass: { ...pass, kind: 'backward' }, stage };
    if (position < 0) return null;
    return { pass: { ...pass, chunk: Math.floor(position / stages) }, stage: position % stages };
  }
}

/** A chunk's last stage hands over to the first one, as far away as any. */
function secondsOneWay(boundaries: readonly number[], from: number, to: number): number {
  const between = Math.abs(from - to) === 1 ? boundaries[Math.min(from, to)] : Math.max(...boundaries);
  return (between ?? 0) / 2;
}

function keyOf({ kind, microBatch, chunk }: Pass, stage: number): string {
  return `${kind} ${stage} ${chunk} ${microBatch}`;
}
