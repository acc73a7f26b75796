/** Rectangles over a value axis and rows: spans of time, runs of layers, cells of a grid. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import type { CustomSeriesOption } from 'echarts/charts';
import { COLOUR } from './palette.ts';

export interface Rectangle {
  /** Index of a category of the y axis. */
  readonly row: number;
  /** On the x axis. */
  readonly from: number;
  readonly to: number;
  /** Shares of the row's height, from its top; all of it unless said otherwise. */
  readonly top?: number;
  readonly bottom?: number;
  /** Written on the rectangle where there is room for it. */
  readonly label?: string;
  /** Unless it is the series' own. */
  readonly colour?: string;
}

export interface RectangleSeries {
  readonly name: string;
  readonly colour: string;
  readonly rectangles: readonly Rectangle[];
}

/** Room that a letter takes, which cannot be measured without a browser; on the safe side for digits and short words. */
const LETTER = { width: 6.5, height: 11 } as const;
/** A narrower rectangle has no border: it would hide it. */
const BORDERED_WIDTH = 4;

/** A series for a chart whose y axis has categories and is inverse, so that the first row is on top. */
export function rectangleSeries({ name, colour, rectangles }: RectangleSeries): CustomSeriesOption {
  return {
    type: 'custom',
    name,
    color: colour,
    silent: true,
    data: rectangles.map(({ from, row, to }) => [from, row, to]),
    encode: { x: [0, 2], y: 1 },
    renderItem: ({ dataIndex }, api) => {
      const rectangle = rectangles[dataIndex];
      return rectangle === undefined ? null : drawn({ colour, ...rectangle }, api);
    },
  };
}

function drawn(
  { row, from, to, top = 0, bottom = 1, label, colour }: Rectangle & { readonly colour: string },
  api: CustomSeriesRenderItemAPI,
): CustomSeriesRenderItemReturn {
  const [left = 0, middle = 0] = api.coord([from, row]);
  const [right = 0] = api.coord([to, row]);
  const band = rowHeight(api);
  const shape = {
    x: left,
    y: middle + (top - 0.5) * band,
    width: right - left,
    height: (bottom - top) * band,
  };
  const fits = label !== undefined && shape.width > label.length * LETTER.width + 2 && shape.height >= LETTER.height;
  const bordered = shape.width >= BORDERED_WIDTH;
  return {
    type: 'rect',
    shape,
    style: { fill: colour, ...(bordered && { stroke: COLOUR.paper, lineWidth: 1 }) },
    ...(fits && {
      textContent: { type: 'text', style: { text: label, fill: COLOUR.paper, fontSize: 11 } },
      textConfig: { position: 'inside' as const },
    }),
  };
}

function rowHeight(api: CustomSeriesRenderItemAPI): number {
  const size = api.size?.([0, 1]);
  return Array.isArray(size) ? (size[1] ?? 0) : 0;
}
