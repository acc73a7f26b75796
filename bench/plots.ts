/** Results as plots. */
import { COLOUR, seriesColour } from '../src/charts/palette.ts';
import { axis, svgFileOf } from '../src/charts/svg.ts';
import type { Growth, GrowthPoint, Results } from './results.ts';

const SIZE = { width: 480, height: 300 };
const MEBIBYTE = 2 ** 20;

/** SVG files by name. */
export function plots({ growth = [] }: Results): readonly (readonly [name: string, svg: string])[] {
  return growth.map((series) => [plotName(series), growthPlot(series)]);
}

/** Of the file, without its ending. */
export function plotName({ name }: Pick<Growth, 'name'>): string {
  return `growth-${name.toLowerCase().replaceAll(' ', '-')}`;
}

const SHOWN: readonly (readonly [name: string, of: (point: GrowthPoint) => number | null])[] = [
  ['search, seconds', ({ plan }) => plan?.searchSeconds ?? null],
  ['whole command, seconds', ({ commandSeconds }) => commandSeconds],
  ['peak memory, GiB', ({ peakBytes }) => peakBytes / MEBIBYTE / 1024],
];

function growthPlot({ name, points }: Growth): string {
  return svgFileOf({
    ...SIZE,
    option: {
      legend: { show: true, top: 0, textStyle: { color: COLOUR.ink } },
      grid: { left: 56, right: 24, top: 36, bottom: 48 },
      xAxis: axis({
        type: 'category',
        name,
        nameLocation: 'middle',
        nameGap: 28,
        data: points.map(({ x }) => String(x)),
      }),
      yAxis: axis({ type: 'log', logBase: 10 }),
      series: SHOWN.map(([title, of], index) => ({
        type: 'line',
        name: title,
        color: seriesColour(index),
        data: points.map(of),
      })),
    },
  });
}
