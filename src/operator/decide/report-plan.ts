/** What is said of a plan in the job's status. */
import { createHash } from 'node:crypto';
import { ANNOTATION } from '../../api/group.ts';
import { summarizePlan } from '../../plan/summary.ts';
import { formatNumber, formatSeconds, formatShare } from '../../plan/units.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { PlanSummary } from '../../api/training-job-status.ts';
import type { ParallelPlan } from '../kubernetes/custom-resources.ts';
import type { Report } from './decision.ts';
import { canonicalJson } from './canonical-json.ts';

/** Digits that people read; the ParallelPlan has all of them. */
const DIGITS = 4;

export function planSummary({ metadata, spec }: ParallelPlan): PlanSummary {
  const { predicted, proof } = spec;
  return {
    name: metadata.name,
    revision: spec.revision ?? 1,
    digest: createHash('sha256').update(canonicalJson(spec)).digest('hex'),
    parallelism: summarizePlan(spec),
    pipelineDegree: spec.stages.length,
    microBatches: spec.microBatches,
    ...(predicted && {
      stepSeconds: rounded(Number(predicted.stepSeconds)),
      samplesPerSecond: rounded(Number(predicted.samplesPerSecond)),
    }),
    ...(proof && { relativeGap: rounded(Number(proof.relativeGap)) }),
  };
}

/** A plan as it is stored, or is about to be. */
interface RecordedPlan {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: ParallelPlanSpec;
}

/** @param gapAskedFor - `spec.planning.relativeGap` of the job. */
export function plannedReport({ metadata, spec }: RecordedPlan, gapAskedFor: string): Report {
  const revision = spec.revision ?? 1;
  const what = `Revision ${revision}: ${summarizePlan(spec)}, ${microBatches(spec)}${prediction(spec)}`;
  const { proof } = spec;
  if (proof === undefined) {
    return { type: 'Planned', reason: 'Supplied', message: `${what}; supplied by spec.planning.planName and checked.` };
  }
  const gap = Number(proof.relativeGap);
  const why = metadata.annotations?.[ANNOTATION.unmeasured];
  const unmeasured = why === undefined ? '' : `; from the catalogue's figures, since measuring failed: ${why}`;
  return gap <= Number(gapAskedFor)
    ? { type: 'Planned', reason: 'Solved', message: `${what}; proved best${unmeasured}.` }
    : {
        type: 'Planned',
        reason: 'TimeLimitReached',
        message: `${what}; proved within ${formatShare(gap)} of the best when the time limit passed${unmeasured}.`,
      };
}

function microBatches({ microBatches: count }: ParallelPlanSpec): string {
  return count === 1 ? '1 micro-batch' : `${count} micro-batches`;
}

function prediction({ predicted }: ParallelPlanSpec): string {
  if (predicted === undefined) return '';
  const step = formatSeconds(Number(predicted.stepSeconds));
  return `, ${step} a step and ${formatNumber(Number(predicted.samplesPerSecond))} samples/s predicted`;
}

export function rounded(number: number): string {
  return String(Number(number.toPrecision(DIGITS)));
}
