import { at, range, sum } from './at.ts';
import type { Assignment, Evaluation, Problem } from './problem.ts';

/** One entry a layer: its index, stage and strategy. */
interface Seat {
  readonly layer: number;
  readonly stage: number;
  readonly strategy: number;
}

/**
 * Seconds and bytes of a well-formed plan, read off the tables by the definitions of p_i, o_j, e_i (see problem.ts) and
 * by nothing that a formulation uses. Whether the plan is well-formed and fits is for {@link checkAssignment} to say.
 */
export function evaluate(problem: Problem, assignment: Assignment): Evaluation {
  const seats = problem.layers.map((_, layer) => ({
    layer,
    stage: at(assignment.placement, layer),
    strategy: at(assignment.strategy, layer),
  }));
  const stages = range(0, problem.stages);
  const stageTime = stages.map((stage) => timeOfStage(problem, seats, stage));
  const boundaryTime = stages.slice(1).map((stage) => timeOfBoundary(problem, seats, stage - 1));
  const iterationTime = stages.map((stage) => sumOverStage(problem, seats, stage, 'perIteration'));
  const stageMemory = stages.map((stage) => memoryOfStage(problem, seats, stage));
  const slowest = Math.max(...stageTime, ...boundaryTime);
  const bubble = (problem.microBatches - 1) * slowest;
  const filling = sum(stageTime) + problem.boundaryWeight * sum(boundaryTime);
  const value = filling + bubble + Math.max(...iterationTime);
  return { value, stageTime, boundaryTime, iterationTime, stageMemory };
}

function timeOfStage(problem: Problem, seats: readonly Seat[], stage: number): number {
  const resharding = pairs(seats)
    .filter(([before, after]) => before.stage === stage && after.stage === stage)
    .map(([before, after]) => at(at(at(problem.reshard, before.layer), before.strategy), after.strategy));
  return sumOverStage(problem, seats, stage, 'time') + sum(resharding);
}

/** o_j of the boundary between stages `stage` and `stage + 1`: an edge that crosses more boundaries is paid at each. */
function timeOfBoundary(problem: Problem, seats: readonly Seat[], stage: number): number {
  const crossing = pairs(seats).filter(([before, after]) => before.stage <= stage && after.stage > stage);
  return sum(
    crossing.map(([before, after]) => at(at(at(problem.transfer, before.layer), before.strategy), after.strategy)),
  );
}

function memoryOfStage(problem: Problem, seats: readonly Seat[], stage: number): number {
  return sumOverStage(problem, seats, stage, 'memory') + Math.max(...costsInStage(problem, seats, stage, 'buffers'));
}

type Cost = 'time' | 'memory' | 'buffers' | 'perIteration';

function sumOverStage(problem: Problem, seats: readonly Seat[], stage: number, cost: Cost): number {
  return sum(costsInStage(problem, seats, stage, cost));
}

function costsInStage(problem: Problem, seats: readonly Seat[], stage: number, cost: Cost): number[] {
  const inside = seats.filter((seat) => seat.stage === stage);
  return inside.map(({ layer, strategy }) => at(at(at(problem.layers, layer)[cost], stage), strategy));
}

function pairs(seats: readonly Seat[]): (readonly [Seat, Seat])[] {
  return seats.slice(1).map((after, index) => [at(seats, index), after] as const);
}
