import { at } from './at.ts';
import { MEMORY_TOLERANCE } from './check.ts';
import type { Problem } from './problem.ts';
import type { States } from './states.ts';

/** What is known of a stage's largest buffer before its layers are. Bytes. */
export interface StageBuffers {
  /** The least and the largest buffer of any state that the stage may hold. */
  readonly least: number;
  readonly most: number;
  /** What the limit leaves for everything but the least buffer. */
  readonly room: number;
}

/** @param states the states to choose from, see usableStates */
export function stageBuffers({ layers, memoryLimit }: Problem, states: States): StageBuffers[] {
  return memoryLimit.map((limit, stage) => {
    const bytes = states.flatMap((byStage, layer) => {
      const row = at(at(layers, layer).buffers, stage);
      return at(byStage, stage).map((strategy) => at(row, strategy));
    });
    const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
    return { least, most, room: limit * (1 + MEMORY_TOLERANCE) - least };
  });
}
