import test from 'ava';
import { seriesColour, THEMES } from '../../src/charts/palette.ts';
import { axis, type Chart, svgFileOf, svgOf } from '../../src/charts/svg.ts';

const CHART: Chart = {
  width: 400,
  height: 200,
  option: {
    legend: { show: true },
    xAxis: axis({ type: 'value' as const }),
    yAxis: axis({ type: 'category' as const, data: ['<script>alert(1)</script>', 'b'] }),
    series: [{ type: 'bar', name: '"&<', data: [1, 2], color: seriesColour(1) }],
  },
  tips: [['<b>one</b>', 'two']],
};

test('a chart holds neither styles nor scripts, and escapes what it is told', (t) => {
  const svg = svgOf(CHART);
  t.notRegex(svg, /<style|style=|<script|<b>|class=/);
  t.regex(svg, /&lt;script&gt;/);
  t.regex(svg, /<title>&lt;b&gt;one&lt;\/b&gt;<\/title>/);
});

test('marks are in colours of the palette and say which item they are', (t) => {
  const svg = svgOf(CHART);
  const lengths = [0, 1].map((item) => {
    const mark = new RegExp(
      `<path d="M[\\d.]+ [\\d.]+l([\\d.]+) [^>]*fill="var\\(--series-1\\)"[^>]*data-item="${item}"`,
    );
    return Number(mark.exec(svg)?.[1]);
  });
  t.is(lengths[1], 2 * (lengths[0] ?? NaN));
});

test('one chart is one drawing, however often it is drawn', (t) => {
  t.is(svgOf(CHART), svgOf(CHART));
});

test('a file of its own brings both palettes', (t) => {
  const file = svgFileOf(CHART);
  for (const { paper, ink } of Object.values(THEMES)) {
    t.true(file.includes(paper) && file.includes(ink));
  }
  t.regex(file, /prefers-color-scheme:dark/);
});
