/**
 * What runs say of the figures by which their plans were priced. A step of run i was predicted to take aᵢ seconds of
 * computation and bᵢ of communication, and took yᵢ: the factors f and g with the least Σ ((f aᵢ + g bᵢ) / yᵢ − 1)² are the
 * corrections of both.
 */
import type { MeasuredRun } from '../../api/model-profile.ts';
import type { Corrections } from '../../cost/corrections.ts';
import { sum } from '../../planner/at.ts';

/**
 * Two factors cannot be told apart by runs that divide alike between computation and communication. The squared sine of the angle
 * between the columns (aᵢ / yᵢ) and (bᵢ / yᵢ) must be at least this.
 */
const LEAST_DIFFERENCE = 0.01;
/** A factor beyond these says that something else is wrong. */
const PLAUSIBLE = { least: 0.1, most: 10 } as const;

/**
 * Corrections of both kinds of time where the runs tell them apart; else of computation alone, which most of a step is; and where
 * even so nothing plausible comes of it, of all time alike. Of memory the largest ratio that was measured, and at least 1: what one
 * run did without, another may need.
 *
 * @param runs - At least one.
 */
export function correctionsFrom(runs: readonly MeasuredRun[]): Corrections {
  const shares = runs.map(({ computationSeconds, communicationSeconds, stepSeconds }) => ({
    computation: Number(computationSeconds) / Number(stepSeconds),
    communication: Number(communicationSeconds) / Number(stepSeconds),
  }));
  const time = [both(shares), computationAlone(shares)].find((found) => found !== undefined && isPlausible(found));
  const memory = Math.max(1, ...runs.map(({ memoryRatio }) => Number(memoryRatio ?? 1)));
  return { ...(time ?? allAlike(shares)), memory };
}

/** How a step is predicted to divide, in parts of what it took. */
interface Shares {
  readonly computation: number;
  readonly communication: number;
}

type TimeCorrections = Pick<Corrections, 'computation' | 'communication'>;

/** The normal equations. */
function both(runs: readonly Shares[]): TimeCorrections | undefined {
  const aa = sum(runs.map(({ computation: a }) => a * a));
  const bb = sum(runs.map(({ communication: b }) => b * b));
  const ab = sum(runs.map(({ computation: a, communication: b }) => a * b));
  const determinant = aa * bb - ab * ab;
  if (determinant <= LEAST_DIFFERENCE * aa * bb) return undefined;
  const a = sum(runs.map(({ computation }) => computation));
  const b = sum(runs.map(({ communication }) => communication));
  return { computation: (a * bb - b * ab) / determinant, communication: (b * aa - a * ab) / determinant };
}

function computationAlone(runs: readonly Shares[]): TimeCorrections {
  const computation =
    sum(runs.map(({ computation: a, communication: b }) => a * (1 - b))) / sum(runs.map(({ computation: a }) => a * a));
  return { computation, communication: 1 };
}

function allAlike(runs: readonly Shares[]): TimeCorrections {
  const totals = runs.map(({ computation, communication }) => computation + communication);
  const factor = sum(totals) / sum(totals.map((total) => total * total));
  return { computation: factor, communication: factor };
}

function isPlausible({ computation, communication }: TimeCorrections): boolean {
  return [computation, communication].every((factor) => factor >= PLAUSIBLE.least && factor <= PLAUSIBLE.most);
}

/** How far predictions with some corrections lie from what runs took, on average, as a share of it. */
export function meanError(runs: readonly MeasuredRun[], { computation, communication }: TimeCorrections): number {
  const errors = runs.map(({ computationSeconds, communicationSeconds, stepSeconds }) => {
    const predicted = computation * Number(computationSeconds) + communication * Number(communicationSeconds);
    return Math.abs(predicted / Number(stepSeconds) - 1);
  });
  return sum(errors) / errors.length;
}
