/** The timeline of a plan's step: the pipeline, then what each stage does once at its end. */
import { stageSeconds, type Price, type StagePrice } from '../../../cost/price.ts';
import type { ParallelPlanSpec } from '../../../api/parallel-plan.ts';
import type { Pipeline } from './order.ts';
import { simulate, type Span } from './simulate.ts';

export interface Timeline {
  readonly spans: readonly (Span | ClosingSpan)[];
  /** When the pipeline has run dry, and when the step is done; seconds. */
  readonly pipelineSeconds: number;
  readonly stepSeconds: number;
}

/** What a stage does once in a step. */
export interface ClosingSpan extends Pick<Span, 'stage' | 'start' | 'end'> {
  readonly kind: 'reduction' | 'optimizer';
}

/** Gradients are summed and the optimizer runs once no stage has anything left to do, as the cost model adds them up. */
export function timelineOf(plan: ParallelPlanSpec, price: Price): Timeline {
  const pipeline = pipelineOf(plan);
  const times = {
    stages: price.stages.map((stage) => ({ forward: stage.forward, backward: stageSeconds(stage) - stage.forward })),
    boundaries: price.boundaries,
  };
  const spans = simulate(pipeline, times);
  // One by one: a large step has more spans than a call may have arguments.
  const pipelineSeconds = spans.reduce((latest, { end }) => Math.max(latest, end), 0);
  const closing = price.stages.flatMap((stage, index) => closingSpans(stage, index, pipelineSeconds));
  const stepSeconds = Math.max(pipelineSeconds, ...closing.map(({ end }) => end));
  return { spans: [...spans, ...closing], pipelineSeconds, stepSeconds };
}

export function pipelineOf({ schedule, stages, microBatches, virtualStages }: ParallelPlanSpec): Pipeline {
  return { schedule, stages: stages.length, microBatches, chunks: virtualStages };
}

function closingSpans({ data, optimizer }: StagePrice, stage: number, start: number): readonly ClosingSpan[] {
  const reduced = start + data;
  return [
    { kind: 'reduction', stage, start, end: reduced } as const,
    { kind: 'optimizer', stage, start: reduced, end: reduced + optimizer } as const,
  ].filter((span) => span.end > span.start);
}
