/** Which layer has which strategy, in which stage. */
import { COLOUR } from '../../../charts/palette.ts';
import { type Rectangle, rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { LayerRun, ParallelPlanSpec } from '../../../api/parallel-plan.ts';
import { describeStrategy } from '../../summary.ts';
import { formatCount } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { stageColour } from './stages.ts';

const ROW_HEIGHT = 34;
const MARGIN = { left: 190, right: 16, top: 6, bottom: 30 } as const;

interface PlacedRun {
  readonly stage: number;
  readonly run: LayerRun;
}

export function layersSection({ plan, site }: Subject): Section {
  const runs = runsOf(plan);
  const strategies = [...new Set(runs.map(({ run }) => nameOf(run)))];
  const layers = site.workload.model.layers.map(({ kind }) => kind);
  return {
    id: 'layers',
    title: 'Layers and strategies',
    body: [
      html`<p>
        ${formatCount(layers.length, 'layer')} under
        ${strategies.length === 1 ? 'one strategy' : `${strategies.length} strategies`} in
        ${formatCount(plan.stages.length, 'stage')}. <b>tp</b> splits operators, <b>sp</b> what lies between them along
        the sequence, <b>fsdp</b> and <b>zero</b> share parameters, gradients or optimizer states among data-parallel
        ranks, <b>dp</b> are replicas.
      </p>`,
      figure({
        chart: chartOf(runs, strategies, layers),
        legend: plan.stages
          .slice(0, LEGEND_STAGES)
          .map((_, stage) => ({ name: `stage ${stage}`, colour: stageColour(stage) })),
        description: `Map of layers and strategies: ${runs
          .map(({ stage, run }) => `layers ${run.first} to ${run.last} ${nameOf(run)} in stage ${stage}`)
          .slice(0, 12)
          .join('; ')}.`,
        caption: 'Layers from the first to the last; colours are stages.',
      }),
      table({
        caption: 'Runs of layers',
        head: ['layers', 'what', 'stage', 'strategy'],
        numeric: [2],
        rows: runs.map(({ stage, run }) => [
          run.first === run.last ? String(run.first) : `${run.first}–${run.last}`,
          run.name ?? '',
          String(stage),
          nameOf(run),
        ]),
      }),
    ],
  };
}

/** Colours come again after these. */
const LEGEND_STAGES = 8;

function runsOf({ stages }: ParallelPlanSpec): readonly PlacedRun[] {
  return stages
    .flatMap(({ layers }, stage) => layers.map((run) => ({ stage, run })))
    .toSorted((one, other) => one.run.first - other.run.first);
}

function nameOf(run: LayerRun): string {
  return describeStrategy(run) || 'unsplit';
}

function chartOf(runs: readonly PlacedRun[], strategies: readonly string[], kinds: readonly string[]): Chart {
  const kindRuns = kindsOf(kinds);
  const rows = ['kind of layer', ...strategies];
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + rows.length * ROW_HEIGHT,
    option: {
      grid: {
        ...MARGIN,
        outerBoundsMode: 'none',
        show: true,
        backgroundColor: COLOUR.raised,
        borderColor: COLOUR.line,
      },
      xAxis: axis({ type: 'value' as const, min: 0, max: kinds.length, minInterval: 1 }),
      yAxis: axis({
        type: 'category' as const,
        inverse: true,
        data: rows,
        axisTick: { show: false },
        axisLabel: { color: COLOUR.muted, width: MARGIN.left - 14, overflow: 'truncate' as const },
      }),
      series: [
        rectangleSeries({ name: 'kinds', colour: COLOUR.muted, rectangles: kindRuns }),
        rectangleSeries({
          name: 'runs',
          colour: COLOUR.muted,
          rectangles: runs.map(({ stage, run }) => ({
            row: 1 + strategies.indexOf(nameOf(run)),
            from: run.first,
            to: run.last + 1,
            top: 0.1,
            bottom: 0.9,
            colour: stageColour(stage),
            label: `stage ${stage}`,
          })),
        }),
      ],
    },
    tips: [
      kindRuns.map(({ label = '', from, to }) => `${label}: layers ${from} to ${to - 1}`),
      runs.map(({ stage, run }) => `layers ${run.first} to ${run.last}: ${nameOf(run)}, stage ${stage}`),
    ],
  };
}

/** Neighbours of one kind together. */
function kindsOf(kinds: readonly string[]): readonly Rectangle[] {
  const starts = kinds.flatMap((kind, index) => (kind === kinds[index - 1] ? [] : [index]));
  return starts.map((from, index) => ({
    row: 0,
    from,
    to: starts[index + 1] ?? kinds.length,
    top: 0.3,
    bottom: 0.9,
    label: kinds[from] ?? '',
  }));
}
