/** What else there is: the price of what limits the plan, the runners-up, and searches with fewer choices. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import { describeChoice, describeVerdict } from '../../explain/describe.ts';
import type { Alternative } from '../../explain/explanation.ts';
import { formatSeconds } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html, type Html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { rowAxis } from './rows.ts';

const ROW_HEIGHT = 24;
const MARGIN = { left: 290, right: 170, top: 6, bottom: 30 } as const;
/** Faster ones are drawn up to here; the words beside them say how much. */
const MOST_SPEED = 3;

export function alternativesSection({ explanation }: Subject): Section | null {
  if (explanation === null) return null;
  const { limits, whatIfs, runnersUp, ablations } = explanation;
  return {
    id: 'alternatives',
    title: 'What else there is',
    body: [
      html`<p>The plan is limited by:</p>
        <ul class="findings">
          ${limits.map((limit) => html`<li>${limit}</li>`)}
        </ul>
        <p>
          Below, the job was planned anew with one thing otherwise, on the same GPUs and each within half a percent of
          the best.
        </p>`,
      ...kind('What if …', whatIfs),
      ...kind('Runners-up', runnersUp),
      ...kind('With fewer choices', ablations),
    ],
  };
}

function kind(title: string, alternatives: readonly Alternative[]): readonly Html[] {
  if (alternatives.length === 0) return [];
  return [
    html`<h3>${title}</h3>`,
    figure({
      chart: chartOf(alternatives),
      description: alternatives.map(({ title: what, verdict }) => `${what}: ${describeVerdict(verdict)}`).join('; '),
      caption: 'Samples a second, as a multiple of the plan’s: what is 25% slower takes 1.25 times as long.',
    }),
    table({
      caption: title,
      head: ['what', 'speed', 'plan', 'step'],
      numeric: [3],
      rows: alternatives.map(({ title: what, verdict }) => [
        what,
        describeVerdict(verdict),
        verdict.kind === 'plan' ? describeChoice(verdict) : verdict.kind === 'impossible' ? verdict.reason : '',
        verdict.kind === 'plan' ? formatSeconds(verdict.stepSeconds) : '',
      ]),
    }),
  ];
}

function chartOf(alternatives: readonly Alternative[]): Chart {
  const speeds = alternatives.map(({ verdict }) => (verdict.kind === 'plan' ? verdict.speed : 0));
  const most = Math.min(MOST_SPEED, 1.04 * Math.max(1.1, ...speeds));
  const bars = alternatives.map((_, row) => ({
    row,
    from: 0,
    to: Math.min(most, speeds[row] ?? 0),
    top: 0.16,
    bottom: 0.84,
    colour: (speeds[row] ?? 0) >= 1 ? seriesColour(2) : seriesColour(1),
  }));
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + alternatives.length * ROW_HEIGHT,
    option: {
      grid: { ...MARGIN, outerBoundsMode: 'none' },
      xAxis: axis({
        type: 'value' as const,
        min: 0,
        max: most,
        axisLabel: { color: COLOUR.muted, showMaxLabel: false },
      }),
      yAxis: [
        rowAxis(
          alternatives.map(({ title }) => title),
          MARGIN.left,
        ),
        axis({
          type: 'category' as const,
          inverse: true,
          position: 'right' as const,
          data: alternatives.map(({ verdict }) => describeVerdict(verdict)),
          axisTick: { show: false },
          axisLine: { show: false },
          axisLabel: { color: COLOUR.ink, interval: 0 },
        }),
      ],
      series: [
        {
          ...rectangleSeries({ name: 'speed', colour: seriesColour(0), rectangles: bars }),
          markLine: {
            symbol: 'none',
            silent: true,
            lineStyle: { color: COLOUR.ink, type: 'solid', width: 1.5 },
            label: { show: false },
            data: [{ xAxis: 1 }],
          },
        },
        // Without a series an axis has no labels.
        { type: 'bar', yAxisIndex: 1, silent: true, data: alternatives.map(() => 0) },
      ],
    },
    tips: [alternatives.map(({ title, verdict }) => `${title}: ${describeVerdict(verdict)}`)],
  };
}
