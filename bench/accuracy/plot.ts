/** Estimated step times against measured ones. */
import { COLOUR, seriesColour } from '../../src/charts/palette.ts';
import { axis, svgFileOf } from '../../src/charts/svg.ts';
import type { Outcome } from './outcomes.ts';

const SIZE = { width: 1020, height: 460 };
/** Beside the drawing, for the names of sources, one below the other. */
const LEGEND_WIDTH = 360;
const TENTH = 0.1;

/** By how much each estimate is off, over the measured step time. As the text of an SVG file. */
export function accuracyPlot(outcomes: readonly Outcome[]): string {
  const bySource = Map.groupBy(outcomes, ({ source }) => source);
  const drawn = [...bySource].map(([source, own]) => ({ source, points: own.flatMap(pointsOf) }));
  const points = drawn.flatMap((each) => each.points);
  const seconds = points.map(([measured]) => measured);
  const most = Math.ceil(Math.max(...points.map(([, error]) => Math.abs(error))) / TENTH) * TENTH;
  const named = { nameLocation: 'middle' as const };
  return svgFileOf({
    ...SIZE,
    option: {
      legend: {
        show: true,
        orient: 'vertical',
        left: SIZE.width - LEGEND_WIDTH + 8,
        top: 'middle',
        itemGap: 14,
        itemWidth: 10,
        itemHeight: 10,
        data: drawn.map(({ source }) => source),
        textStyle: { color: COLOUR.ink },
      },
      grid: { left: 70, right: LEGEND_WIDTH, top: 20, bottom: 56, outerBoundsMode: 'none' },
      xAxis: axis({
        ...named,
        type: 'log' as const,
        name: 'measured step time, seconds',
        nameGap: 32,
        min: 10 ** Math.floor(Math.log10(Math.min(...seconds))),
        max: 10 ** Math.ceil(Math.log10(Math.max(...seconds))),
      }),
      yAxis: axis({
        ...named,
        type: 'value' as const,
        name: 'estimated more or less than measured',
        nameGap: 48,
        min: -most,
        max: most,
        interval: TENTH,
        axisLabel: { color: COLOUR.muted, formatter: percent },
      }),
      series: drawn.map(({ source, points: own }, index) => ({
        type: 'scatter' as const,
        name: source,
        color: seriesColour(index),
        // Colours come again after eight.
        symbol: index < 8 ? 'circle' : 'diamond',
        symbolSize: index < 8 ? 7 : 9,
        itemStyle: { opacity: 0.8 },
        data: own.map((point) => [...point]),
        ...(index === 0 && { markLine: lines() }),
      })),
    },
  });
}

/** Where estimates are right, and where they are a tenth off. */
function lines() {
  const line = { symbol: 'none', silent: true, label: { show: false } } as const;
  return {
    ...line,
    data: [
      { yAxis: 0, lineStyle: { color: COLOUR.ink, type: 'solid' as const, width: 1.5 } },
      ...[-TENTH, TENTH].map((yAxis) => ({
        yAxis,
        lineStyle: { color: COLOUR.muted, type: 'dashed' as const, width: 1.5 },
      })),
    ],
  };
}

/** `+10%`, `−10%`. */
function percent(share: number): string {
  const rounded = Math.round(100 * share);
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded)}%`;
}

function pointsOf({ run, stepError }: Outcome): readonly (readonly [measured: number, error: number])[] {
  const { step_time_s: measured } = run;
  return measured === null || stepError === null ? [] : [[measured, stepError]];
}
