/** A plan as text for a terminal, at most 100 columns wide. Everything it says stands in the ParallelPlan itself. */
import type { LayerRun, ParallelPlanSpec, PlannedNode, PlannedStage } from '../api/parallel-plan.ts';
import { columns } from './columns.ts';
import { isNoGap } from './gap.ts';
import { describeStrategy, summarizePlan } from './summary.ts';
import { formatBytes, formatCount, formatNumber, formatSeconds, formatShare } from './units.ts';

const FACT_WIDTHS = [17, 83];
const STAGE_WIDTHS = [7, 24, 37, 13, 19];
const NAMED_NODES = 8;
const GAP = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 });

/** The plan for people: what it does, what it is predicted to take, the proof, and each stage. */
export function describePlan(plan: ParallelPlanSpec): string {
  const device = plan.device === undefined ? '' : ` ${plan.device}`;
  const title = [summarizePlan(plan), plan.model, `${formatCount(plan.gpus, 'GPU')}${device}`]
    .filter((part) => part !== undefined)
    .join(', ');
  const facts = [...predictionFacts(plan), ...batchFacts(plan), ...proofFacts(plan), ...nodeFacts(plan)];
  return [title, '', columns(facts, FACT_WIDTHS), '', columns(stageRows(plan), STAGE_WIDTHS), ''].join('\n');
}

/** What is said of a plan, and under which name. */
export type Fact = [name: string, text: string];

function predictionFacts({ predicted }: ParallelPlanSpec): Fact[] {
  if (predicted === undefined) return [];
  const rates = [
    `${formatNumber(Number(predicted.samplesPerSecond))} samples/s`,
    ...(predicted.tokensPerSecond === undefined ? [] : [`${formatNumber(Number(predicted.tokensPerSecond))} tokens/s`]),
    `${formatShare(Number(predicted.modelFlopsUtilisation))} of peak FLOP/s (MFU)`,
  ];
  return [
    ['step time', `${formatSeconds(Number(predicted.stepSeconds))} predicted`],
    ['throughput', rates.join(', ')],
    ['limited by', predicted.limitedBy],
    ...(predicted.figures === undefined ? [] : [['figures', predicted.figures] satisfies Fact]),
    ['memory limit', `${formatBytes(predicted.memoryLimitBytes)} a GPU`],
  ];
}

function batchFacts({ globalBatchSize, microBatches, schedule, stages }: ParallelPlanSpec): Fact[] {
  const samples = formatCount(globalBatchSize, 'sample');
  if (microBatches === 1) return [['batch', `${samples}, whole`]];
  const order = stages.length === 1 ? '' : `, ${schedule}`;
  return [['batch', `${samples} in ${microBatches} micro-batches of ${globalBatchSize / microBatches}${order}`]];
}

/** What is proved of a plan, and by what search; nothing of a plan that a user supplied. */
export function proofFacts({ proof }: ParallelPlanSpec): Fact[] {
  if (proof === undefined) return [];
  const gap = Number(proof.relativeGap);
  const claim = isNoGap(gap) ? 'the best plan' : `within ${GAP.format(gap)} of the best plan`;
  const candidates = formatCount(proof.candidates, 'candidate');
  const search = [
    `${formatNumber(proof.pruned)} pruned by bounds`,
    ...some(proof.infeasible, 'do not fit'),
    ...some(proof.candidates - proof.pruned - proof.infeasible - proof.solved, 'left open'),
    `${formatNumber(proof.solved)} searched`,
    `${proof.confirmed === proof.solved ? 'all' : formatNumber(proof.confirmed)} confirmed by ${proof.solver}`,
  ];
  return [
    ['proof', `${claim}: none takes less than ${formatSeconds(Number(proof.lowerBound))}`],
    ['search', `${candidates} in ${formatSeconds(Number(proof.seconds))}: ${search.join(', ')}`],
  ];
}

/** What is said only where there are any. */
function some(count: number, what: string): string[] {
  return count === 0 ? [] : [`${formatNumber(count)} ${what}`];
}

function nodeFacts({ nodes }: { readonly nodes?: readonly PlannedNode[] }): Fact[] {
  if (nodes === undefined) return [];
  const named = nodes.slice(0, NAMED_NODES).map(({ name, gpus }) => `${name} (${formatCount(gpus, 'GPU')})`);
  const others = nodes.length - named.length;
  return [['nodes', `${named.join(', ')}${others === 0 ? '' : ` and ${formatCount(others, 'other')}`}`]];
}

function stageRows({ stages, predicted }: ParallelPlanSpec): string[][] {
  return [
    ['STAGE', 'LAYERS', 'STRATEGY', 'MICRO-BATCH', 'MEMORY PER GPU'],
    ...stages.flatMap((stage, index) =>
      stage.layers.map((run, position) => [
        ...(position === 0 ? [String(index)] : ['']),
        describeLayers(run),
        describeStrategy(run) || 'unsplit',
        ...(position === 0 ? [stageTime(stage), stageMemory(stage, predicted?.memoryLimitBytes)] : ['', '']),
      ]),
    ),
  ];
}

function describeLayers({ first, last, name }: LayerRun): string {
  return `${first === last ? first : `${first}–${last}`}${name === undefined ? '' : ` ${name}`}`;
}

function stageTime({ secondsPerMicroBatch }: PlannedStage): string {
  return secondsPerMicroBatch === undefined ? '' : formatSeconds(Number(secondsPerMicroBatch));
}

function stageMemory({ memoryBytes }: PlannedStage, limit: number | undefined): string {
  if (memoryBytes === undefined) return '';
  return `${formatBytes(memoryBytes)}${limit === undefined ? '' : ` (${formatShare(memoryBytes / limit)})`}`;
}
