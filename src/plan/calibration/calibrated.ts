/** Corrections as a ModelProfile keeps them: with the runs that they come from, so that later ones add to them. */
import type { MeasuredRun, ProfileCorrections } from '../../api/model-profile.ts';
import type { Corrections } from '../../cost/corrections.ts';
import { correctionsFrom } from './corrections.ts';
import { figure } from './measured-run.ts';

/** The schema's bound. Figures of long ago may be of other software. */
const MOST_RUNS = 32;

/** The profiles that plans were made from, by name. */
export type Basis = Pick<ProfileCorrections, 'modelProfile' | 'hardwareProfile'>;

/**
 * Corrections from the runs so far and some more. A plan counts with its latest run.
 *
 * @param runs - With those so far at least one.
 */
export function calibrated(
  before: ProfileCorrections | undefined,
  runs: readonly MeasuredRun[],
  basis: Basis,
): ProfileCorrections {
  const byPlan = new Map([...(before?.runs ?? []), ...runs].map((run) => [run.plan, run]));
  const all = [...byPlan.values()].toSorted((a, b) => Date.parse(a.date) - Date.parse(b.date)).slice(-MOST_RUNS);
  const { computation, communication, memory } = correctionsFrom(all);
  return {
    ...basis,
    computation: figure(computation),
    communication: figure(communication),
    memory: figure(memory),
    runs: all,
  };
}

/** In numbers. */
export function correctionsIn(recorded: Pick<ProfileCorrections, keyof Corrections>): Corrections {
  const { computation, communication, memory } = recorded;
  return { computation: Number(computation), communication: Number(communication), memory: Number(memory) };
}
