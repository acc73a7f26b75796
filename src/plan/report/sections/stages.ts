/** How pipeline stages are told apart in every drawing. */
import { seriesColour } from '../../../charts/palette.ts';

/** Of all rows together, where there are many; units of a drawing. */
const MOST_HEIGHT = 560;

export function stageColour(stage: number): string {
  return seriesColour(stage);
}

/** Names of the rows of a drawing. */
export function stageNames(stages: number): string[] {
  return Array.from({ length: stages }, (_, stage) => `stage ${stage}`);
}

export function stageRowHeight(stages: number): number {
  return Math.max(4, Math.min(34, MOST_HEIGHT / stages));
}
