import { float, int } from './entries.ts';
import type { StageRuns } from './stage-runs.ts';
import { RankedStaircases, Staircase } from './staircase.ts';

/** What runs of a stage are compared by, besides the time that they take. */
export interface RunOrder {
  /** What a tick counts that is paid per micro-batch, where time and per-iteration cost add up to one cost. */
  readonly perTick: number | null;
  /** Whether runs may differ in their largest buffers and need the same memory in the end. */
  readonly byBuffers: boolean;
}

/**
 * Of the runs from `from` on, those that no other of their leaving class is as good as: in time, per-iteration cost, and
 * memory without and with the largest buffer so far. Whatever buffer a later layer needs, a run that is as good in both
 * needs no more memory then. By class, and by ascending time.
 */
export function runFront(runs: StageRuns, from: number, order: RunOrder): number[] {
  const byClass = new Map<number, number[]>();
  for (let run = from; run < runs.length; run += 1) {
    const leave = int(runs.leave, run);
    const members = byClass.get(leave);
    if (members === undefined) {
      byClass.set(leave, [run]);
    } else {
      members.push(run);
    }
  }
  return [...byClass.values()].flatMap((members) => frontOfClass(runs, members, order));
}

function frontOfClass(runs: StageRuns, members: number[], { perTick, byBuffers }: RunOrder): number[] {
  const { time, iteration, memory, buffer } = runs;
  const cost = (run: number): number =>
    perTick === null ? float(time, run) : perTick * float(time, run) + float(iteration, run);
  const need = (run: number): number => float(memory, run) + float(buffer, run);
  members.sort(
    (a, b) =>
      cost(a) - cost(b) ||
      float(memory, a) - float(memory, b) ||
      float(iteration, a) - float(iteration, b) ||
      need(a) - need(b),
  );
  if (perTick === null && byBuffers) {
    const ascending = Float64Array.from(members, (run) => float(iteration, run)).sort();
    const stairs = new RankedStaircases(ascending.length);
    return members.filter((run) => stairs.add(float(memory, run), need(run), rankIn(ascending, float(iteration, run))));
  }
  const stairs = new Staircase();
  return members.filter((run) => stairs.add(float(memory, run), perTick === null ? float(iteration, run) : need(run)));
}

/** How many costs are below one. */
function rankIn(ascending: Float64Array, cost: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (float(ascending, middle) < cost) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
