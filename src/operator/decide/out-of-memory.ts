/** What is learnt where a GPU's memory has run out: how much more than estimated the next plan has to allow for. */
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { OutOfMemory, TrainingJobStatus } from '../../api/training-job-status.ts';
import { formatBytes, formatNumber } from '../../plan/units.ts';
import type { Termination } from './termination.ts';

/** Memory ran out before the step was over: this much more than what is known to have been too little. */
const MARGIN = 1.05;
/** One allocation that no GPU could hold says little of what all others need. */
const MOST_OF_LIMIT = 2;

/**
 * What is known of the case, and how many times as much as estimated the next plan is to allow for: at least so much that
 * the plan that failed no longer fits. Undefined where the plan predicts nothing.
 */
export function learnt(termination: Termination, plan: ParallelPlanSpec): OutOfMemory | undefined {
  const { stage, layer, actualBytes } = termination;
  const plannedBytes = plannedFor(plan, stage);
  if (plannedBytes === undefined || plan.predicted === undefined) return undefined;
  return {
    revision: plan.revision ?? 1,
    ...(stage !== undefined && { stage }),
    ...(layer !== undefined && { layer }),
    plannedBytes,
    ...(actualBytes !== undefined && { actualBytes }),
    memoryFactor: factorFrom(plannedBytes, actualBytes, plan.predicted).toPrecision(4),
  };
}

/** On top of what the plan was made with. */
function factorFrom(
  plannedBytes: number,
  actualBytes = 0,
  { memoryLimitBytes: limit, corrections }: NonNullable<ParallelPlanSpec['predicted']>,
): number {
  const needed = Math.min(Math.max(actualBytes, limit), MOST_OF_LIMIT * limit);
  return Number(corrections?.memory ?? 1) * MARGIN * (needed / plannedBytes);
}

/** How many times as much memory as estimated plans of a job are to allow for. */
export function memoryFactorOf(status: TrainingJobStatus | undefined): number | undefined {
  const factor = status?.outOfMemory?.memoryFactor;
  return factor === undefined ? undefined : Number(factor);
}

/** Of the stage, or of the one that needs most where it is not known. */
function plannedFor({ stages }: ParallelPlanSpec, stage: number | undefined): number | undefined {
  const known = stages.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const ofStage = stage === undefined ? undefined : stages[stage]?.memoryBytes;
  return ofStage ?? (known.length === 0 ? undefined : Math.max(...known));
}

/** "ran out of memory in stage 1, at layer 7: 61.0 GiB needed, 58.0 GiB planned". */
export function describeOutOfMemory({ stage, layer, plannedBytes, actualBytes }: Omit<Termination, 'reason'>): string {
  const where = [stage === undefined ? '' : ` in stage ${stage}`, layer === undefined ? '' : `, at layer ${layer}`];
  const needed = actualBytes === undefined ? '' : `: ${formatBytes(actualBytes)} needed`;
  const planned = plannedBytes === undefined ? '' : `${needed === '' ? ':' : ','} ${formatBytes(plannedBytes)} planned`;
  return `ran out of memory${where.join('')}${needed}${planned}`;
}

/** What is said of a plan that allows for more: after "… fits into memory". */
export function describeMargin({ revision, memoryFactor }: OutOfMemory): string {
  return `memory is counted ${formatNumber(Number(memoryFactor))} times, since it ran out under the plan of revision ${revision}`;
}
