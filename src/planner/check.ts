import { InternalError } from '../api/errors.ts';
import { evaluate } from './evaluate.ts';
import type { Assignment, Evaluation, Problem } from './problem.ts';

/**
 * How far a stage's memory may lie above its limit, as a share of the limit. It covers the rounding of sums of doubles
 * (0.1 + 0.2 > 0.3) so that a plan that uses its limit to the last byte is not lost; at 80 GB it is 80 bytes.
 */
export const MEMORY_TOLERANCE = 1e-9;

/** Whether `bytes` fits `limit`, but for the rounding of sums. */
export function fits(bytes: number, limit: number): boolean {
  return bytes <= limit * (1 + MEMORY_TOLERANCE);
}

/**
 * Checks a plan against the tables, whoever made it: one stage and one strategy a layer, stages contiguous, in order and
 * none empty, memory within every limit, time finite. Shares no code with the formulations.
 *
 * @returns the plan's value and what makes it up, in seconds and bytes
 * @throws {InternalError} naming the first rule broken
 */
export function checkAssignment(problem: Problem, assignment: Assignment): Evaluation {
  const flaw = flawOf(problem, assignment);
  if (flaw !== undefined) {
    throw new InternalError(`the checker rejects a plan: ${flaw}`);
  }
  return evaluate(problem, assignment);
}

/** Each looks for one kind of flaw, in an order in which the later ones may rely on the earlier. */
const rules: readonly ((problem: Problem, assignment: Assignment) => string | undefined)[] = [
  wrongLength,
  unknownStrategy,
  stagesOutOfOrder,
  overMemory,
  forbiddenCost,
];

function flawOf(problem: Problem, assignment: Assignment): string | undefined {
  for (const rule of rules) {
    const flaw = rule(problem, assignment);
    if (flaw !== undefined) {
      return flaw;
    }
  }
  return undefined;
}

function wrongLength({ layers }: Problem, { placement, strategy }: Assignment): string | undefined {
  if (placement.length === layers.length && strategy.length === layers.length) {
    return undefined;
  }
  return `${placement.length} stages and ${strategy.length} strategies for ${layers.length} layers`;
}

function unknownStrategy({ layers }: Problem, { strategy }: Assignment): string | undefined {
  const bad = layers.findIndex(({ time }, layer) => {
    const index = strategy[layer];
    return !Number.isInteger(index) || time[0]?.[index ?? -1] === undefined;
  });
  return bad < 0 ? undefined : `layer ${bad} has no strategy ${strategy[bad]}`;
}

function stagesOutOfOrder({ stages }: Problem, { placement }: Assignment): string | undefined {
  if (placement[0] !== 0) {
    return `the first layer sits in stage ${placement[0]}, not 0`;
  }
  const bad = placement.findIndex((stage, layer) => {
    const before = placement[layer - 1] ?? 0;
    return stage !== before && stage !== before + 1;
  });
  if (bad >= 0) {
    return `layer ${bad} sits in stage ${placement[bad]} after stage ${placement[bad - 1]}`;
  }
  const last = placement.at(-1);
  return last === stages - 1 ? undefined : `the last layer sits in stage ${last}, not ${stages - 1}`;
}

function overMemory(problem: Problem, assignment: Assignment): string | undefined {
  const { stageMemory } = evaluate(problem, assignment);
  const over = problem.memoryLimit.findIndex((limit, stage) => !fits(stageMemory[stage] ?? Infinity, limit));
  return over < 0 ? undefined : `stage ${over} needs ${stageMemory[over]} of ${problem.memoryLimit[over]} bytes`;
}

function forbiddenCost(problem: Problem, assignment: Assignment): string | undefined {
  const { value, stageMemory } = evaluate(problem, assignment);
  return [value, ...stageMemory].every(Number.isFinite) ? undefined : 'it uses what the tables forbid';
}
