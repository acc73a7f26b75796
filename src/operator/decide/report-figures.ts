/** What the pods say of their steps beside what was planned: `status.actual` and the condition `PlanDrift`. */
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { ActualFigures } from '../../api/training-job-status.ts';
import { formatBytes, formatSeconds, formatShare } from '../../plan/units.ts';
import type { Figures } from '../figures/figures.ts';
import type { Report } from './decision.ts';
import { conditionOf, type Facts } from './facts.ts';
import { rounded } from './report-plan.ts';

/** How often the status is written for the sake of figures alone. */
const SECONDS_BETWEEN = 60;
/** A change of a ratio that is worth writing sooner. */
const NOTABLE_CHANGE = 0.05;
/** What has drifted has come back where it differs by less than this share of the limit: else it might come and go. */
const BACK = 0.8;

export interface FigureReport {
  /** For the status; undefined where there are none of this plan. */
  readonly actual: ActualFigures | undefined;
  readonly reports: readonly Report[];
}

export function reportFigures(facts: Facts): FigureReport {
  const { job, plan, figures } = facts;
  const present = job.status?.actual;
  if (plan === undefined) return { actual: present, reports: [] };
  if (figures === undefined) return isOf(present, plan.spec) ? { actual: present, reports: [] } : superseded(facts);
  const actual = actualFigures(plan.spec, figures, facts.now);
  return isWorthWriting(actual, present)
    ? { actual, reports: drift(facts, plan.spec, figures) }
    : { actual: present, reports: [] };
}

function isOf(actual: ActualFigures | undefined, { revision }: ParallelPlanSpec): boolean {
  return actual === undefined || actual.revision === revision;
}

/** Figures of a plan that the job does not run by any more. */
function superseded(facts: Facts): FigureReport {
  if (conditionOf(facts, 'PlanDrift') === undefined) return { actual: undefined, reports: [] };
  const message = `The plan of revision ${facts.plan?.spec.revision ?? 0} has not been measured.`;
  return { actual: undefined, reports: [{ type: 'PlanDrift', reason: 'NotMeasured', message }] };
}

function actualFigures(plan: ParallelPlanSpec, figures: Figures, now: number): ActualFigures {
  const { stepSeconds, steps, memoryBytes } = figures;
  const stepRatio = stepRatioOf(plan, figures);
  const stage = fullestStage(plan, figures);
  return {
    stepSeconds: rounded(stepSeconds),
    samplesPerSecond: rounded(plan.globalBatchSize / stepSeconds),
    ...(memoryBytes.size > 0 && { memoryBytes: Math.max(...memoryBytes.values()) }),
    ...(stepRatio !== undefined && { stepRatio: rounded(stepRatio) }),
    ...(stage && { memoryRatio: rounded(stage.ratio) }),
    steps,
    revision: plan.revision ?? 1,
    time: new Date(now).toISOString(),
  };
}

function isWorthWriting(actual: ActualFigures, present: ActualFigures | undefined): boolean {
  if (present?.revision !== actual.revision) return true;
  const seconds = (Date.parse(actual.time) - Date.parse(present.time)) / 1000;
  const changed = (field: 'stepRatio' | 'memoryRatio') =>
    Math.abs(Number(actual[field] ?? 0) - Number(present[field] ?? 0)) > NOTABLE_CHANGE;
  return seconds >= SECONDS_BETWEEN || changed('stepRatio') || changed('memoryRatio');
}

/** Says nothing before the figures are of long enough. */
function drift(facts: Facts, plan: ParallelPlanSpec, figures: Figures): readonly Report[] {
  const { driftPercent, driftSeconds } = facts.job.spec.monitoring;
  const ratio = stepRatioOf(plan, figures);
  if (ratio === undefined || figures.spanSeconds < driftSeconds) return [];
  const hasDrifted = conditionOf(facts, 'PlanDrift')?.status === 'True';
  const reason = driftReason(
    ratio,
    fullestStage(plan, figures)?.ratio ?? 0,
    (driftPercent / 100) * (hasDrifted ? BACK : 1),
  );
  return [{ type: 'PlanDrift', reason, message: describe(plan, figures) }];
}

/** @param limit - Share by which actual and planned may differ. */
function driftReason(stepRatio: number, memoryRatio: number, limit: number) {
  if (memoryRatio > 1 + limit) return 'MoreMemoryThanPlanned';
  if (stepRatio > 1 + limit) return 'SlowerThanPlanned';
  // As many times quicker as another is slower: half of the time is as far off as twice.
  return stepRatio < 1 / (1 + limit) ? 'FasterThanPlanned' : 'AsPlanned';
}

function describe(plan: ParallelPlanSpec, figures: Figures): string {
  const ratio = stepRatioOf(plan, figures) ?? 1;
  const more = formatShare(Math.abs(ratio - 1));
  const time = `A step takes ${formatSeconds(figures.stepSeconds)}, ${more} ${ratio < 1 ? 'less' : 'more'} than the ${formatSeconds(Number(plan.predicted?.stepSeconds))} planned`;
  const fullest = fullestStage(plan, figures);
  if (fullest === undefined) return `${time}.`;
  const { stage, bytes, planned } = fullest;
  return `${time}; GPUs of stage ${stage} need up to ${formatBytes(bytes)}, ${formatBytes(planned)} planned.`;
}

function stepRatioOf({ predicted }: ParallelPlanSpec, { stepSeconds }: Figures): number | undefined {
  return predicted === undefined ? undefined : stepSeconds / Number(predicted.stepSeconds);
}

/** The stage that exceeds its prediction most, or comes nearest to it. */
function fullestStage({ stages }: ParallelPlanSpec, { memoryBytes }: Figures) {
  return [...memoryBytes]
    .flatMap(([stage, bytes]) => {
      const planned = stages[stage]?.memoryBytes;
      return planned === undefined ? [] : [{ stage, bytes, planned, ratio: bytes / planned }];
    })
    .reduce<FullestStage | undefined>(
      (most, each) => (most === undefined || each.ratio > most.ratio ? each : most),
      undefined,
    );
}

interface FullestStage {
  readonly stage: number;
  readonly bytes: number;
  readonly planned: number;
  readonly ratio: number;
}
