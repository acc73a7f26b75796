import { at, range } from './at.ts';
import { MEMORY_TOLERANCE } from './check.ts';
import type { Scale } from './formulation.ts';
import type { Column, LinearProgram, Terms } from './linear-program.ts';
import type { Problem } from './problem.ts';
import { type StageBuffers, stageBuffers } from './stage-buffers.ts';
import type { States } from './states.ts';

/** A linear expression that a formulation is still writing. */
export type Expression = [coefficient: number, column: Column][];

/** What a formulation says of each stage and boundary: expressions in its own variables, in seconds and bytes. */
export interface PipelineTerms {
  /** p_i. */
  readonly stageTime: readonly Expression[];
  /** o_j. */
  readonly boundaryTime: readonly Expression[];
  /** e_i. */
  readonly iterationTime: readonly Expression[];
  /** Σ M. */
  readonly stageMemory: readonly Expression[];
  /** Bytes that max B is at least, each of these, beyond the least of the stage's buffers. */
  readonly buffersBeyond: readonly Expression[][];
  readonly buffers: readonly StageBuffers[];
}

export function emptyTerms(problem: Problem, states: States): PipelineTerms {
  const perStage = (): Expression[] => range(0, problem.stages).map(() => []);
  return {
    stageTime: perStage(),
    boundaryTime: perStage().slice(1),
    iterationTime: perStage(),
    stageMemory: perStage(),
    buffersBeyond: range(0, problem.stages).map(() => []),
    buffers: stageBuffers(problem, states),
  };
}

/** Each memory limit, as the program writes it: so large that no plan can hide in the solver's tolerance of 1e-9. */
const MEMORY_UNITS = 100;

/**
 * The paper's objective and the constraints that do not depend on how a plan is written, under the paper's names:
 * computation stages, communication stages, memory.
 *
 *     min Σ p_i + w Σ o_j + (c − 1) · slowest + iteration
 *     p_i = …, o_j = …;  p_i ≤ slowest, o_j ≤ slowest;  e_i ≤ iteration
 *     B of every layer in stage i ≤ buffer[i];  Σ M in stage i + buffer[i] ≤ limit of stage i
 *
 * with buffer[i] counted from the least buffer of any state that stage i may hold.
 */
export function addPipelineConstraints(
  program: LinearProgram,
  problem: Problem,
  terms: PipelineTerms,
  scale: Scale,
): void {
  const inUnits = (expression: Terms): Terms => scaled(expression, 1 / scale.timeUnit);
  const { microBatches, boundaryWeight } = problem;
  const value: [number, Column][] = [
    ...terms.stageTime.map((expression, i) => addTime(program, `computationStage[${i}]`, inUnits(expression), 1)),
    ...terms.boundaryTime.map((expression, j) =>
      addTime(program, `communicationStage[${j}]`, inUnits(expression), boundaryWeight),
    ),
  ];
  if (microBatches > 1) {
    const slowest = program.column('slowest', { cost: microBatches - 1 });
    for (const [index, [, time]] of [...value.entries()]) {
      program.atMost(`slowest[${index}]`, [[1, time], [-1, slowest]], 0); // prettier-ignore
    }
    value.push([microBatches - 1, slowest]);
  }
  if (terms.iterationTime.some((expression) => expression.some(([cost]) => cost > 0))) {
    const iteration = program.column('iteration', { cost: 1 });
    for (const [i, expression] of terms.iterationTime.entries()) {
      program.atMost(`iteration[${i}]`, [...inUnits(expression), [-1, iteration]], 0);
    }
    value.push([1, iteration]);
  }
  if (scale.cutoff < Infinity) {
    program.atMost('cutoff', value, scale.cutoff / scale.timeUnit);
  }
  addMemory(program, problem, terms);
}

/** A time, and what it counts in the value. */
function addTime(program: LinearProgram, name: string, expression: Terms, cost: number): [number, Column] {
  const time = program.column(name, { cost });
  program.equal(name, [...expression, [-1, time]], 0);
  return [cost, time];
}

/** Half of the checker's tolerance is given to the solver, so that its own rounding cannot cost a plan at the limit. */
function addMemory(
  program: LinearProgram,
  { memoryLimit, stages }: Problem,
  { stageMemory, buffersBeyond, buffers }: PipelineTerms,
): void {
  for (const stage of range(0, stages)) {
    // A state is usable only where it fits, so nothing counts against a limit of zero.
    const perUnit = MEMORY_UNITS / (at(memoryLimit, stage) || 1);
    const { least, most } = at(buffers, stage);
    const buffer: Terms = least < most ? [[1, program.column(`buffer[${stage}]`)]] : [];
    for (const [index, need] of at(buffersBeyond, stage).entries()) {
      program.atMost(`buffer[${stage},${index}]`, [...scaled(need, perUnit), ...scaled(buffer, -1)], 0);
    }
    const total = [...scaled(at(stageMemory, stage), perUnit), ...buffer];
    program.atMost(`memory[${stage}]`, total, MEMORY_UNITS * (1 + MEMORY_TOLERANCE / 2) - perUnit * least);
  }
}

function scaled(expression: Terms, factor: number): Terms {
  return expression.map(([coefficient, column]) => [coefficient * factor, column] as const);
}
