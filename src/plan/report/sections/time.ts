/** Where the time of a step goes. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { StagePrice, TimeByCause } from '../../../cost/price.ts';
import { CAUSES } from '../../limited-by.ts';
import { formatSeconds, formatShare } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html, type Html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { stageNames, stageRowHeight } from './stages.ts';

type Cause = keyof TimeByCause;
const CAUSE_NAMES = Object.keys(CAUSES) as Cause[]; // the keys of a record

/** Of the causes that a stage's micro-batch has, too. */
const STAGE_CAUSES = ['computation', 'tensor', 'sharding', 'resharding'] as const satisfies (Cause &
  keyof StagePrice)[];

const COLOURS: Readonly<Record<Cause, string>> = {
  computation: seriesColour(0),
  tensor: seriesColour(3),
  sharding: seriesColour(2),
  resharding: seriesColour(5),
  bubble: seriesColour(7),
  transfer: seriesColour(4),
  data: seriesColour(1),
  optimizer: seriesColour(6),
};

export function timeSection({ price }: Subject): Section {
  const causes = CAUSE_NAMES.filter((cause) => price.time[cause] > 0);
  const words = causes.map((cause) => `${CAUSES[cause]} ${formatShare(price.time[cause] / price.stepSeconds)}`);
  return {
    id: 'time',
    title: 'Where the time goes',
    body: [
      html`<p>
        The step of ${formatSeconds(price.stepSeconds)} by
        cause${price.stages.length === 1 ? '' : ': of the slowest stage all micro-batches, of the others the time in which the pipeline fills and drains'}.
      </p>`,
      figure({
        chart: stackedBars({
          rows: ['step'],
          height: 44,
          series: causes.map((cause) => ({ cause, seconds: [price.time[cause]] })),
        }),
        legend: causes.map((cause) => ({ name: CAUSES[cause], colour: COLOURS[cause] })),
        description: `The step by cause: ${words.join(', ')}.`,
      }),
      table({
        caption: 'The step by cause',
        head: ['cause', 'time', 'share'],
        numeric: [1, 2],
        rows: causes.map((cause) => [
          CAUSES[cause],
          formatSeconds(price.time[cause]),
          formatShare(price.time[cause] / price.stepSeconds),
        ]),
      }),
      ...byStage(price.stages),
    ],
  };
}

function byStage(stages: readonly StagePrice[]): readonly Html[] {
  if (stages.length === 1) return [];
  const causes = STAGE_CAUSES.filter((cause) => stages.some((stage) => stage[cause] > 0));
  return [
    html`<h3>One micro-batch in each stage</h3>`,
    figure({
      chart: stackedBars({
        rows: stageNames(stages.length),
        height: stageRowHeight(stages.length),
        series: causes.map((cause) => ({ cause, seconds: stages.map((stage) => stage[cause]) })),
      }),
      legend: causes.map((cause) => ({ name: CAUSES[cause], colour: COLOURS[cause] })),
      description: 'Time of one micro-batch in each stage, forward and backward pass, by cause.',
    }),
    table({
      caption: 'One micro-batch in each stage',
      head: ['stage', ...causes.map((cause) => CAUSES[cause]), 'together'],
      numeric: [...causes.keys()].map((column) => column + 1).concat(causes.length + 1),
      rows: stages.map((stage, index) => {
        const seconds = causes.map((cause) => stage[cause]);
        return [String(index), ...seconds, seconds.reduce((sum, each) => sum + each, 0)].map((cell) =>
          typeof cell === 'number' ? formatSeconds(cell) : cell,
        );
      }),
    }),
  ];
}

interface Bars {
  readonly rows: readonly string[];
  readonly height: number;
  readonly series: readonly { readonly cause: Cause; readonly seconds: readonly number[] }[];
}

function stackedBars({ rows, height, series }: Bars): Chart {
  return {
    width: CHART_WIDTH,
    height: rows.length * height + 36,
    option: {
      grid: { left: 74, right: 30, top: 6, bottom: 30, outerBoundsMode: 'none' },
      xAxis: axis({
        type: 'value' as const,
        axisLabel: {
          color: COLOUR.muted,
          formatter: formatSeconds,
        },
      }),
      yAxis: axis({ type: 'category' as const, inverse: true, data: [...rows], axisTick: { show: false } }),
      series: series.map(({ cause, seconds }) => ({
        type: 'bar' as const,
        name: CAUSES[cause],
        stack: 'all',
        color: COLOURS[cause],
        barCategoryGap: '24%',
        silent: true,
        data: [...seconds],
      })),
    },
    tips: series.map(({ cause, seconds }) =>
      seconds.map((each, row) => `${rows[row] ?? ''}: ${CAUSES[cause]} ${formatSeconds(each)}`),
    ),
  };
}
