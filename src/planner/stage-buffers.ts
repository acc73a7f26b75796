import { at, range } from './at.ts';
import type { Problem } from './problem.ts';
import type { States } from './states.ts';

/** What is known of a stage's largest buffer before its layers are: in bytes, unless said otherwise. */
export interface StageBuffers {
  /** The least and the largest buffer of any state that the stage may hold. */
  readonly least: number;
  readonly most: number;
}

/** @param states the states to choose from, see usableStates */
export function stageBuffers({ layers, stages }: Problem, states: States): StageBuffers[] {
  return range(0, stages).map((stage) => {
    const bytes = states.flatMap((byStage, layer) => {
      const row = at(at(layers, layer).buffers, stage);
      return at(byStage, stage).map((strategy) => at(row, strategy));
    });
    return { least: Math.min(...bytes), most: Math.max(...bytes) };
  });
}
