/** Explains a plan by planning the job anew, each time with one thing otherwise. */
import { performance } from 'node:perf_hooks';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { CandidateLog } from '../../planner/search.ts';
import type { Solver } from '../../planner/solver/solver.ts';
import { limitedBy } from '../limited-by.ts';
import type { Site } from '../site.ts';
import { priceOfPlan } from '../supplied-plan.ts';
import { ablations } from './ablations.ts';
import { bindingLink } from './binding-link.ts';
import type { Change } from './change.ts';
import type { Alternative, Explanation } from './explanation.ts';
import { type Comparison, resolve } from './resolve.ts';
import { runnersUp } from './runners-up.ts';
import { whatIfs } from './what-ifs.ts';

export interface ToExplain {
  readonly site: Site;
  readonly plan: ParallelPlanSpec;
  /** Of the search that found it; empty where a user supplied it. */
  readonly log: readonly CandidateLog[];
}

export interface ExplainSettings {
  readonly solver: Solver;
  /** For everything that is planned anew; what is not reached in that time is said to be unknown. */
  readonly timeLimitSeconds: number;
}

/** @throws {InternalError} where planner and cost model disagree */
export async function explain({ site, plan, log }: ToExplain, settings: ExplainSettings): Promise<Explanation> {
  const price = priceOfPlan(site, plan);
  const samplesPerSecond = plan.globalBatchSize / price.stepSeconds;
  const kinds = [whatIfs(site), runnersUp(site, plan, log), ablations(site)];
  const [ifs = [], others = [], fewer = []] = await resolveAll(kinds, { ...settings, plan, samplesPerSecond });
  const link = bindingLink(plan, price, site.workload.hardware);
  const limits = [...limitedBy(price).split('; '), ...(link === null ? [] : [link])];
  return { limits, whatIfs: ifs, runnersUp: nearestFirst(others), ablations: fewer };
}

/** Each gets an equal part of the time that is left, so that one that is done early leaves more to the others. */
async function resolveAll(kinds: readonly (readonly Change[])[], comparison: Comparison): Promise<Alternative[][]> {
  const deadline = performance.now() + 1000 * comparison.timeLimitSeconds;
  let waiting = kinds.flat().length;
  const resolved: Alternative[][] = [];
  for (const changes of kinds) {
    const alternatives: Alternative[] = [];
    for (const change of changes) {
      const timeLimitSeconds = Math.max(0, (deadline - performance.now()) / 1000 / waiting);
      alternatives.push({ title: change.title, verdict: await resolve(change, { ...comparison, timeLimitSeconds }) });
      waiting -= 1;
    }
    resolved.push(alternatives);
  }
  return resolved;
}

function nearestFirst(alternatives: readonly Alternative[]): Alternative[] {
  const speedOf = ({ verdict }: Alternative): number => (verdict.kind === 'plan' ? verdict.speed : 0);
  return alternatives.toSorted((one, other) => speedOf(other) - speedOf(one));
}
