/** Predicted step times against measured ones. */
import { COLOUR, seriesColour } from '../../src/charts/palette.ts';
import { axis, svgFileOf } from '../../src/charts/svg.ts';
import type { Outcome } from './outcomes.ts';

const SIZE = { width: 760, height: 560 };

/** Both axes logarithmic, over whole steps of a factor of two; on the line the two are equal. As the text of an SVG file. */
export function localPlot(outcomes: readonly Outcome[]): string {
  const seconds = outcomes.flatMap(({ predicted, measured }) => [predicted, measured]);
  const [least, most] = [
    2 ** Math.floor(Math.log2(Math.min(...seconds))),
    2 ** Math.ceil(Math.log2(Math.max(...seconds))),
  ];
  const time = (name: string, nameGap: number) =>
    axis({
      type: 'log' as const,
      logBase: 2,
      name,
      nameLocation: 'middle' as const,
      nameGap,
      min: least,
      max: most,
    });
  return svgFileOf({
    ...SIZE,
    option: {
      legend: { show: true, top: 0, textStyle: { color: COLOUR.ink } },
      grid: { left: 64, right: 24, top: 48, bottom: 56 },
      xAxis: time('measured step time, seconds', 32),
      yAxis: time('predicted, seconds', 40),
      series: [
        ...[...Map.groupBy(outcomes, ({ group }) => group)].map(([group, own], index) => ({
          type: 'scatter' as const,
          name: group,
          color: seriesColour(index),
          symbolSize: 8,
          data: own.map(({ measured, predicted }) => [measured, predicted]),
        })),
        {
          type: 'line' as const,
          symbol: 'none',
          color: COLOUR.muted,
          lineStyle: { width: 1, color: COLOUR.muted },
          data: [
            [least, least],
            [most, most],
          ],
        },
      ],
    },
  });
}
