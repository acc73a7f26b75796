/** Memory of each stage by what it holds, against the limit. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { Price, StageMemory } from '../../../cost/price.ts';
import { stageBytes } from '../../stage-bytes.ts';
import { formatBytes, formatShare } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { stageNames, stageRowHeight } from './stages.ts';

const GIBIBYTE = 2 ** 30;

const PARTS: readonly {
  readonly name: string;
  readonly colour: string;
  readonly bytes: (memory: StageMemory) => number;
}[] = [
  { name: 'parameters and optimizer states', colour: seriesColour(0), bytes: ({ states }) => states },
  { name: 'gradients', colour: seriesColour(2), bytes: ({ gradients }) => gradients },
  { name: 'activations', colour: seriesColour(1), bytes: ({ activations }) => activations },
  { name: 'buffers of the layer at work', colour: seriesColour(3), bytes: ({ buffers }) => buffers },
  { name: 'handed over between stages', colour: seriesColour(5), bytes: ({ passing }) => passing },
];

export function memorySection({ price, site }: Subject): Section {
  const { memoryBytes } = site.workload.hardware;
  const parts = PARTS.filter(({ bytes }) => price.stages.some(({ memory }) => bytes(memory) > 0));
  const needs = price.stages.map(stageBytes);
  const fullest = needs.indexOf(Math.max(...needs));
  const share = (needs[fullest] ?? 0) / price.usableBytes;
  return {
    id: 'memory',
    title: 'Memory of each GPU',
    body: [
      html`<p>
        Stage ${fullest} is fullest: ${formatBytes(needs[fullest] ?? 0)} of the ${formatBytes(price.usableBytes)} that a
        plan may use, ${formatShare(share)}. The runtime takes another ${formatBytes(price.reservedBytes)} of the
        ${formatBytes(memoryBytes)} (context, communication buffers, fragments).
      </p>`,
      figure({
        chart: chartOf(price, parts, memoryBytes),
        legend: [...parts, RUNTIME].map(({ name, colour }) => ({ name, colour })),
        description: `Peak memory of a GPU of each stage by cause, against a limit of ${formatBytes(price.usableBytes)}. The fullest is stage ${fullest}, at ${formatShare(share)}.`,
        caption:
          'GiB at the moment at which a stage needs most. The line is what a GPU has, or less where the job sets a limit.',
      }),
      table({
        caption: 'Memory of a GPU of each stage',
        head: ['stage', ...parts.map(({ name }) => name), 'together', 'of the limit'],
        numeric: Array.from({ length: parts.length + 2 }, (_, index) => index + 1),
        rows: price.stages.map((stage, index) => [
          String(index),
          ...parts.map(({ bytes }) => formatBytes(bytes(stage.memory))),
          formatBytes(stageBytes(stage)),
          formatShare(stageBytes(stage) / price.usableBytes),
        ]),
      }),
    ],
  };
}

const RUNTIME = { name: 'runtime', colour: seriesColour(7) } as const;

function chartOf({ stages, usableBytes, reservedBytes }: Price, parts: typeof PARTS, memoryBytes: number): Chart {
  const rows = stageNames(stages.length);
  const series = [
    { ...RUNTIME, bytes: stages.map(() => reservedBytes) },
    ...parts.map(({ name, colour, bytes }) => ({ name, colour, bytes: stages.map(({ memory }) => bytes(memory)) })),
  ];
  const limit = (reservedBytes + usableBytes) / GIBIBYTE;
  return {
    width: CHART_WIDTH,
    height: rows.length * stageRowHeight(rows.length) + 54,
    option: {
      grid: { left: 74, right: 44, top: 24, bottom: 30, outerBoundsMode: 'none' },
      xAxis: axis({
        type: 'value' as const,
        max: Math.max(limit, memoryBytes / GIBIBYTE) * 1.02,
        axisLabel: { color: COLOUR.muted, showMaxLabel: false },
      }),
      yAxis: axis({ type: 'category' as const, inverse: true, data: rows, axisTick: { show: false } }),
      series: series.map(({ name, colour, bytes }, index) => ({
        type: 'bar' as const,
        name,
        stack: 'all',
        color: colour,
        barCategoryGap: '24%',
        silent: true,
        data: bytes.map((each) => each / GIBIBYTE),
        ...(index === 0 && { markLine: limitLine(limit) }),
      })),
    },
    tips: series.map(({ name, bytes }) => bytes.map((each, row) => `${rows[row] ?? ''}: ${name} ${formatBytes(each)}`)),
  };
}

function limitLine(limit: number) {
  return {
    symbol: 'none',
    silent: true,
    lineStyle: { color: COLOUR.ink, type: 'solid' as const, width: 2 },
    label: { formatter: `limit ${limit.toFixed(1)} GiB`, position: 'start' as const, color: COLOUR.ink },
    data: [{ xAxis: limit }],
  };
}
