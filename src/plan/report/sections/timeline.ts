/** The pipeline timeline, drawn to scale. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { type Rectangle, rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import { at } from '../../../planner/at.ts';
import { formatCount, formatNumber, formatSeconds, formatShare } from '../../units.ts';
import { CHART_WIDTH, figure, type LegendEntry, type Section, table } from '../figure.ts';
import { html, type Html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { merged, type DrawnSpan } from '../timeline/merge.ts';
import { type Timeline, timelineOf } from '../timeline/timeline.ts';
import { stageNames, stageRowHeight } from './stages.ts';

const KINDS = {
  forward: { name: 'forward pass', colour: seriesColour(0) },
  backward: { name: 'backward pass', colour: seriesColour(2) },
  transfer: { name: 'transfer to a neighbour', colour: seriesColour(4) },
  reduction: { name: 'gradient reduction', colour: seriesColour(1) },
  optimizer: { name: 'optimizer step', colour: seriesColour(6) },
} as const;

type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[]; // the keys of a constant

const MARGIN = { left: 74, right: 16, top: 8, bottom: 30 } as const;
/** Passes narrower than the least of these are merged with their neighbours; than a larger one where there are too many. */
const LEAST_WIDTHS = [2, 4, 8, 16, 32] as const;
const MOST_SPANS = 2500;
/** Micro-batches until whose end the beginning of a step is drawn by itself. */
const OPENING = 8;

/** More are not played through: some seconds' worth, and whoever writes a plan chooses how many it has. */
const MOST_PASSES = 2 ** 19;

const HEADING = { id: 'timeline', title: 'One step, to scale' } as const;

export function timelineSection({ plan, price }: Subject): Section {
  const stages = plan.stages.length;
  const passes = 2 * stages * plan.microBatches * plan.virtualStages;
  if (passes > MOST_PASSES) {
    return {
      ...HEADING,
      body: [html`<p>A step has ${formatNumber(passes)} passes, too many to be played through.</p>`],
    };
  }
  const timeline = timelineOf(plan, price);
  const drawn = drawnSpans(timeline.spans, timeline.stepSeconds);
  const busy = busyOf(timeline, stages);
  return {
    ...HEADING,
    body: [
      html`<p>${about(timeline, price.stepSeconds, stages)}</p>`,
      figure({
        chart: drawing(drawn, stages, timeline.stepSeconds),
        legend: legendFor(drawn),
        description: `Timeline of one step of ${formatSeconds(timeline.stepSeconds)}, a row for each of ${formatCount(stages, 'pipeline stage')}. ${bubbleWords(busy, timeline.stepSeconds)}`,
        caption: captionFor(plan),
      }),
      ...(drawn.length < timeline.spans.length ? opening(timeline, stages) : []),
      table({
        caption: 'Each stage in one step',
        head: ['stage', 'forward', 'backward', 'sent', 'gradients and optimizer', 'idle', 'idle share'],
        numeric: [1, 2, 3, 4, 5, 6],
        rows: busy.map((seconds, stage) => stageRow(seconds, stage, timeline.stepSeconds)),
      }),
    ],
  };
}

function captionFor({ stages, virtualStages }: Subject['plan']): string {
  const chunks = virtualStages === 1 ? '' : ', with a letter for the chunks of a stage but its first';
  return `Time from the beginning of the step. Numbers are micro-batches${chunks}${stages.length === 1 ? '' : '; gaps are bubbles'}.`;
}

/** The closed form that plans are priced by, and the same times played through, differ where stages wait for transfers. */
function about({ stepSeconds }: Timeline, predicted: number, stages: number): string {
  const difference = stepSeconds / predicted - 1;
  const played = `Each pass of each micro-batch takes what the cost model predicts, and begins when what it needs is there.`;
  if (stages === 1) return 'Each pass of each micro-batch takes what the cost model predicts.';
  if (Math.abs(difference) < 0.0005) return `${played} Played through, the step takes what the plan says.`;
  const word = difference > 0 ? 'longer' : 'shorter';
  return `${played} Played through, the step takes ${formatSeconds(stepSeconds)}: ${formatShare(Math.abs(difference))} ${word} than the ${formatSeconds(predicted)} of the closed form by which plans are compared, which counts the slowest stage for every micro-batch and lets transfers run beside computation.`;
}

function bubbleWords(busy: readonly Busy[], stepSeconds: number): string {
  const idle = busy.map((seconds) => idleSeconds(seconds, stepSeconds) / stepSeconds);
  return busy.length === 1
    ? 'The stage is never idle.'
    : `Stages are idle for ${formatShare(Math.min(...idle))} to ${formatShare(Math.max(...idle))} of it.`;
}

function drawing(drawn: readonly DrawnSpan[], stages: number, until: number): Chart {
  const height = stageRowHeight(stages);
  const kinds = KIND_NAMES.map((kind) => drawn.filter((span) => span.kind === kind));
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + stages * height,
    option: {
      grid: {
        ...MARGIN,
        outerBoundsMode: 'none' as const,
        show: true,
        backgroundColor: COLOUR.raised,
        borderColor: COLOUR.line,
      },
      xAxis: axis({
        type: 'value' as const,
        min: 0,
        max: until,
        axisLabel: { color: COLOUR.muted, formatter: formatSeconds, showMaxLabel: false },
      }),
      yAxis: axis({
        type: 'category' as const,
        inverse: true,
        data: stageNames(stages),
        axisTick: { show: false },
      }),
      series: kinds.map((ofKind, index) => {
        const { name, colour } = KINDS[KIND_NAMES[index] ?? 'forward'];
        return rectangleSeries({ name, colour, rectangles: ofKind.map((span) => rectangleOf(span, until)) });
      }),
    },
    tips: kinds.map((ofKind) => ofKind.map(tipOf)),
  };
}

function drawnSpans(spans: Timeline['spans'], until: number): readonly DrawnSpan[] {
  const unit = until / (CHART_WIDTH - MARGIN.left - MARGIN.right);
  const shown = spans.filter(({ start }) => start < until);
  for (const width of LEAST_WIDTHS) {
    const drawn = merged(shown, width * unit);
    // Under passes that are not told apart, transfers say nothing.
    if (drawn.length === shown.length) return drawn;
    const passes = drawn.filter(({ kind }) => kind !== 'transfer');
    if (passes.length <= MOST_SPANS) return passes;
  }
  return merged(shown, Infinity);
}

/** A transfer is a thin line under the passes of the stage that sends. */
function rectangleOf({ kind, stage, start, end, label, share }: DrawnSpan, until: number): Rectangle {
  const [top, bottom] = kind === 'transfer' ? [0.85, 1] : [0.04 + 0.78 * share.top, 0.04 + 0.78 * share.bottom];
  return { row: stage, from: start, to: Math.min(end, until), top, bottom, ...(label !== '' && { label }) };
}

function tipOf({ kind, stage, label, start, end }: DrawnSpan): string {
  const what = label === '' ? '' : ` of micro-batch${label.includes('–') ? 'es' : ''} ${label}`;
  return `stage ${stage}: ${KINDS[kind].name}${what}, ${formatSeconds(start)} to ${formatSeconds(end)}`;
}

function legendFor(drawn: readonly DrawnSpan[]): readonly LegendEntry[] {
  const kinds = new Set(drawn.map(({ kind }) => kind));
  return KIND_NAMES.filter((kind) => kinds.has(kind)).map((kind) => KINDS[kind]);
}

/** Where single passes of the whole step cannot be told apart, the time in which the pipeline fills. */
function opening(timeline: Timeline, stages: number): readonly Html[] {
  const through = timeline.spans.flatMap((span) =>
    span.kind === 'backward' && span.stage === 0 && span.microBatch < OPENING ? [span.end] : [],
  );
  const until = Math.max(...through);
  const drawn = drawnSpans(timeline.spans, until);
  return [
    html`<h3>How the pipeline fills</h3>`,
    figure({
      chart: drawing(drawn, stages, until),
      legend: legendFor(drawn),
      description: `The same timeline up to ${formatSeconds(until)}, when the first ${OPENING} micro-batches are through.`,
      caption: `The first ${formatSeconds(until)}.`,
    }),
  ];
}

/** Seconds of a step that a stage takes for each kind of span. */
type Busy = Readonly<Record<Kind, number>>;

function busyOf({ spans }: Timeline, stages: number): readonly Busy[] {
  const busy = Array.from({ length: stages }, () => ({
    forward: 0,
    backward: 0,
    transfer: 0,
    reduction: 0,
    optimizer: 0,
  }));
  for (const { stage, kind, start, end } of spans) {
    at(busy, stage)[kind] += end - start;
  }
  return busy;
}

function idleSeconds({ forward, backward, reduction, optimizer }: Busy, stepSeconds: number): number {
  return stepSeconds - forward - backward - reduction - optimizer;
}

function stageRow(busy: Busy, stage: number, stepSeconds: number): readonly string[] {
  const idle = idleSeconds(busy, stepSeconds);
  const { forward, backward, transfer, reduction, optimizer } = busy;
  return [
    String(stage),
    ...[forward, backward, transfer, reduction + optimizer, idle].map((seconds) => formatSeconds(seconds)),
    formatShare(idle / stepSeconds),
  ];
}
