import { at } from '../../src/planner/at.ts';
import { fits } from '../../src/planner/check.ts';
import type { Problem } from '../../src/planner/problem.ts';

/** A partial plan: layers 0..u, the last of them in `stage` under `strategy`. */
interface Label {
  readonly stage: number;
  readonly strategy: number;
  /** All p so far, and o as often as it counts. */
  readonly total: number;
  /** p of the stage that is being filled. */
  readonly current: number;
  /** The largest p or o so far. */
  readonly slowest: number;
  readonly memory: number;
  /** The largest of the stage so far. */
  readonly buffer: number;
  readonly iteration: number;
  readonly largestIteration: number;
}

/**
 * An exact oracle for middling sizes: extends partial plans layer by layer and drops those that another with the same
 * stage and strategy is no worse than in every respect. Shares nothing with the formulations.
 */
export function labelSetting(problem: Problem): number {
  const { layers, microBatches, stages } = problem;
  let labels = extend(problem, 0, [
    {
      stage: 0,
      strategy: -1,
      total: 0,
      current: 0,
      slowest: 0,
      memory: 0,
      buffer: 0,
      iteration: 0,
      largestIteration: 0,
    },
  ]);
  for (let layer = 1; layer < layers.length; layer += 1) {
    labels = extend(problem, layer, labels);
  }
  const values = labels
    .filter(({ stage }) => stage === stages - 1)
    .map(({ total, slowest, largestIteration }) => total + (microBatches - 1) * slowest + largestIteration);
  return Math.min(Infinity, ...values);
}

function extend(problem: Problem, layer: number, labels: readonly Label[]): Label[] {
  const byState = new Map<string, Label[]>();
  const strategies = at(at(problem.layers, layer).time, 0).length;
  const choices = Array.from({ length: strategies }, (_, strategy) => strategy);
  const next = labels.flatMap((label) =>
    choices.flatMap((strategy) =>
      layer === 0
        ? [begin(problem, strategy)]
        : [stay(problem, layer, label, strategy), move(problem, layer, label, strategy)],
    ),
  );
  for (const label of next.filter((candidate) => allowed(problem, candidate))) {
    add(byState, label);
  }
  return [...byState.values()].flat();
}

function allowed({ stages, memoryLimit }: Problem, { stage, total, largestIteration, memory, buffer }: Label): boolean {
  const finite = [total, largestIteration, memory, buffer].every(Number.isFinite);
  return finite && stage < stages && fits(memory + buffer, at(memoryLimit, stage));
}

function costs(
  problem: Problem,
  layer: number,
  stage: number,
  strategy: number,
): { time: number; memory: number; buffer: number; iteration: number } {
  const { time, memory, buffers, perIteration } = at(problem.layers, layer);
  return {
    time: at(at(time, stage), strategy),
    memory: at(at(memory, stage), strategy),
    buffer: at(at(buffers, stage), strategy),
    iteration: at(at(perIteration, stage), strategy),
  };
}

function begin(problem: Problem, strategy: number): Label {
  const { time, memory, buffer, iteration } = costs(problem, 0, 0, strategy);
  return {
    stage: 0,
    strategy,
    total: time,
    current: time,
    slowest: time,
    memory,
    buffer,
    iteration,
    largestIteration: iteration,
  };
}

function stay(problem: Problem, layer: number, label: Label, strategy: number): Label {
  const { time, memory, buffer, iteration } = costs(problem, layer, label.stage, strategy);
  const added = time + at(at(at(problem.reshard, layer - 1), label.strategy), strategy);
  const current = label.current + added;
  return {
    stage: label.stage,
    strategy,
    total: label.total + added,
    current,
    slowest: Math.max(label.slowest, current),
    memory: label.memory + memory,
    buffer: Math.max(label.buffer, buffer),
    iteration: label.iteration + iteration,
    largestIteration: Math.max(label.largestIteration, label.iteration + iteration),
  };
}

function move(problem: Problem, layer: number, label: Label, strategy: number): Label {
  const stage = label.stage + 1;
  if (stage >= problem.stages) {
    return { ...label, stage };
  }
  const { time, memory, buffer, iteration } = costs(problem, layer, stage, strategy);
  const transfer = at(at(at(problem.transfer, layer - 1), label.strategy), strategy);
  return {
    stage,
    strategy,
    total: label.total + problem.boundaryWeight * transfer + time,
    current: time,
    slowest: Math.max(label.slowest, transfer, time),
    memory,
    buffer,
    iteration,
    largestIteration: Math.max(label.largestIteration, iteration),
  };
}

function add(byState: Map<string, Label[]>, next: Label): void {
  const key = `${next.stage},${next.strategy}`;
  const others = byState.get(key) ?? [];
  if (!others.some((other) => noWorse(other, next))) {
    byState.set(key, [...others.filter((other) => !noWorse(next, other)), next]);
  }
}

function noWorse(a: Label, b: Label): boolean {
  return (
    a.total <= b.total &&
    a.current <= b.current &&
    a.slowest <= b.slowest &&
    a.memory <= b.memory &&
    a.buffer <= b.buffer &&
    a.iteration <= b.iteration &&
    a.largestIteration <= b.largestIteration
  );
}
