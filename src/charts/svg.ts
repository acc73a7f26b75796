/** Charts as SVG, drawn by ECharts without a browser. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import type { BarSeriesOption, CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import type {
  GridComponentOption,
  LegendComponentOption,
  MarkLineComponentOption,
  TitleComponentOption,
} from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeMarkup } from './escape.ts';
import { COLOUR, paletteCss, seriesColour } from './palette.ts';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  SVGRenderer,
]);

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | CustomSeriesOption
  | LineSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | MarkLineComponentOption
  | TitleComponentOption
>;

export interface Chart {
  /** With colours of {@link ./palette.ts}; others would not follow the reader's preference. */
  readonly option: ChartOption;
  /** Units of the drawing, pixels where it is not scaled. */
  readonly width: number;
  readonly height: number;
  /** By series and item: what a reader is told who points at its mark. */
  readonly tips?: readonly (readonly string[])[];
}

const FONT = 'system-ui, sans-serif';
const SERIES = 8;

/**
 * The chart as an `<svg>` for a page that sets the palette. It holds neither styles nor scripts, so that a page may forbid
 * both, and is the same for the same chart. Text alternatives are the page's to give.
 */
export function svgOf({ option, width, height, tips = [] }: Chart): string {
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...BASE, ...option });
    return withTips(withoutStyles(chart.renderToSVGString()), tips);
  } finally {
    chart.dispose();
  }
}

/** The chart as a file of its own, which follows the reader's preference where it is shown as an image, too. */
export function svgFileOf(chart: Chart): string {
  const style = `<style>${paletteCss('svg')}</style><rect width="100%" height="100%" fill="${COLOUR.paper}"/>`;
  return `${svgOf(chart).replace(/(<svg[^>]*>)/, `$1${style}`)}\n`;
}

const AXIS = {
  axisLine: { lineStyle: { color: COLOUR.line } },
  axisTick: { lineStyle: { color: COLOUR.line } },
  splitLine: { lineStyle: { color: COLOUR.line } },
  axisLabel: { color: COLOUR.muted },
  nameTextStyle: { color: COLOUR.muted },
} as const;

/** An axis of a chart in the palette's colours; ECharts' own are fixed. */
export function axis<T extends object>(of: T): typeof AXIS & T {
  return { ...AXIS, ...of };
}

const BASE = {
  animation: false,
  color: Array.from({ length: SERIES }, (_, index) => seriesColour(index)),
  textStyle: { color: COLOUR.ink, fontFamily: FONT },
  legend: { show: false },
};

/**
 * ECharts writes the font as a style and adds rules for a mouse that hovers, by classes which it counts up from chart to
 * chart. What it styles can be said by attributes as well.
 */
function withoutStyles(svg: string): string {
  return svg
    .replaceAll(/<style[^>]*>.*?<\/style>/gs, '')
    .replaceAll(/ style="([^"]*)"/g, (_, style: string) => asAttributes(style))
    .replaceAll(/ (?:class|ecmeta_ssr_type|ecmeta_silent|xml:space|xmlns:xlink|version|baseProfile)="[^"]*"/g, '')
    .replaceAll('\n', '');
}

/** ECharts says of each mark which item of which series it is. */
function withTips(svg: string, tips: readonly (readonly string[])[]): string {
  return svg.replaceAll(
    / ecmeta_series_index="(\d+)" ecmeta_data_index="(\d+)"([^>]*)><\/path>/g,
    (_, series: string, item: string, others: string) => {
      const tip = tips[Number(series)]?.[Number(item)];
      const title = tip === undefined ? '' : `<title>${escapeMarkup(tip)}</title>`;
      return ` data-series="${series}" data-item="${item}"${others}>${title}</path>`;
    },
  );
}

function asAttributes(style: string): string {
  return style
    .split(';')
    .map((declaration) => declaration.split(':').map((part) => part.trim()))
    .map(([name = '', value = '']) => (name === '' ? '' : ` ${name}="${value}"`))
    .join('');
}
