/** Estimated step times against measured ones. */
import { COLOUR, seriesColour } from '../../src/charts/palette.ts';
import { axis, svgFileOf } from '../../src/charts/svg.ts';
import type { Outcome } from './outcomes.ts';

const SIZE = { width: 760, height: 560 };

/** Both axes logarithmic; on the line the two are equal. As the text of an SVG file. */
export function accuracyPlot(outcomes: readonly Outcome[]): string {
  const bySource = Map.groupBy(outcomes, ({ source }) => source);
  const drawn = [...bySource].map(([source, own]) => ({ source, points: own.flatMap(pointsOf) }));
  const seconds = drawn.flatMap(({ points }) => points.flat());
  const [least, most] = [
    10 ** Math.floor(Math.log10(Math.min(...seconds))),
    10 ** Math.ceil(Math.log10(Math.max(...seconds))),
  ];
  const time = (name: string, nameGap: number) =>
    axis({ type: 'log' as const, name, nameLocation: 'middle' as const, nameGap, min: least, max: most });
  return svgFileOf({
    ...SIZE,
    option: {
      legend: { show: true, top: 0, textStyle: { color: COLOUR.ink } },
      grid: { left: 64, right: 24, top: 128, bottom: 56 },
      xAxis: time('measured step time, seconds', 32),
      yAxis: time('estimated, seconds', 40),
      series: [
        ...drawn.map(({ source, points }, index) => ({
          type: 'scatter' as const,
          name: source,
          color: seriesColour(index),
          // Colours come again after eight.
          symbol: index < 8 ? 'circle' : 'diamond',
          symbolSize: 6,
          data: points.map((point) => [...point]),
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

function pointsOf({ run, estimate }: Outcome): readonly (readonly [measured: number, estimated: number])[] {
  const { step_time_s: measured } = run;
  const { stepTimeSeconds: estimated } = estimate;
  return measured === null || estimated === null ? [] : [[measured, estimated]];
}
