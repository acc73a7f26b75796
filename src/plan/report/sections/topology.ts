/** Where the ranks are, which of them form groups, and over what they talk. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { type Rectangle, rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { ParallelPlanSpec } from '../../../api/parallel-plan.ts';
import { type GroupLinks, groupLinks, mainRun } from '../../group-links.ts';
import { membersOf } from '../../groups.ts';
import { gpusPerStage } from '../../ranks.ts';
import { describeStrategy } from '../../summary.ts';
import { formatCount, formatNumber, formatSeconds } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html, type Html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { stageColour } from './stages.ts';

const KINDS: Readonly<Record<GroupLinks['kind'], string>> = {
  tensor: 'tensor parallel',
  shards: 'sharded data parallel',
  replicas: 'replicas',
  pipeline: 'pipeline',
};

/** More are not drawn: the pattern repeats. */
const DRAWN_NODES = 256;
/** With so many, each node has a row of its own. */
const LISTED_NODES = 8;
const NODES_A_ROW = 8;
/** So that cells of small nodes are no wider than this many in a row make them. */
const LEAST_CELLS = 6;
const MARGIN = { left: 190, right: 16, top: 6, bottom: 8 } as const;

export function topologySection({ plan, site }: Subject): Section {
  const { allocation, workload } = site;
  const run = mainRun(plan);
  const links = run === undefined ? [] : groupLinks(plan, run, workload.hardware);
  const { nodes } = allocation;
  const where = `${formatCount(plan.gpus, 'GPU')} on ${formatCount(nodes.length, 'node')}`;
  return {
    id: 'topology',
    title: 'GPUs and groups',
    body: [
      html`<p>
        ${where}, ${allocation.gpusPerNode} on each. Global ranks count through the nodes in order; each of
        ${formatCount(plan.stages.length, 'stage')} has ${formatCount(gpusPerStage(plan), 'consecutive rank')}.
      </p>`,
      figure({
        chart: nodesChart(plan, nodes, run?.tensor ?? 1),
        description: `${where}: each cell is a GPU with its rank, in the colour of its stage; cells that touch are a tensor-parallel group.`,
        caption: `Cells are GPUs, coloured by stage${(run?.tensor ?? 1) > 1 ? '; those that touch are a tensor-parallel group' : ''}.${nodes.length > DRAWN_NODES ? ` The first ${DRAWN_NODES} of ${formatNumber(nodes.length)} nodes.` : ''}`,
      }),
      ...groupsOfRankZero(plan, links, run === undefined ? '' : describeStrategy(run)),
      table({
        caption: 'Levels of the network',
        head: ['level', 'GPUs together', 'link', 'rate of a GPU', 'reached', 'latency of a hop'],
        numeric: [1, 3, 4, 5],
        rows: workload.hardware.tiers.map(({ name, gpus, link, efficiency }) => [
          name,
          formatNumber(gpus),
          link.name,
          formatRate(link.bytesPerSecond),
          formatRate(link.bytesPerSecond * efficiency),
          formatSeconds(link.latencySeconds),
        ]),
      }),
    ],
  };
}

/** As vendors give it, in decimal units. */
function formatRate(bytesPerSecond: number): string {
  return `${formatNumber(bytesPerSecond / 1e9)} GB/s`;
}

type Nodes = Subject['site']['allocation']['nodes'];

function nodesChart(plan: ParallelPlanSpec, nodes: Nodes, tensor: number): Chart {
  const drawn = nodes.slice(0, DRAWN_NODES);
  const aRow = drawn.length <= LISTED_NODES ? 1 : NODES_A_ROW;
  const rows = Array.from({ length: Math.ceil(drawn.length / aRow) }, (_, row) =>
    drawn.slice(row * aRow, (row + 1) * aRow),
  );
  const cells = cellsOf(rows, { plan, tensor });
  const width = Math.max(...cells.map(({ to }) => to));
  const height = aRow === 1 ? 32 : 22;
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + rows.length * height,
    option: {
      grid: { ...MARGIN, outerBoundsMode: 'none' },
      xAxis: axis({ type: 'value' as const, min: 0, max: Math.max(width, LEAST_CELLS), show: false }),
      yAxis: axis({
        type: 'category' as const,
        inverse: true,
        data: rows.map(nameOfRow),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { color: COLOUR.muted, interval: 0, width: MARGIN.left - 14, overflow: 'truncate' as const },
      }),
      series: [rectangleSeries({ name: 'GPUs', colour: COLOUR.muted, rectangles: cells })],
    },
    tips: [cells.map(({ label }) => `rank ${label}, stage ${Math.floor(Number(label) / gpusPerStage(plan))}`)],
  };
}

function nameOfRow(nodes: Nodes): string {
  const [first, last] = [nodes[0]?.name ?? '', nodes.at(-1)?.name ?? ''];
  return nodes.length === 1 ? first : `${first} – ${last}`;
}

/** A cell a GPU, a gap between nodes, and a smaller one between tensor-parallel groups. */
function cellsOf(
  rows: readonly Nodes[],
  { plan, tensor }: { readonly plan: ParallelPlanSpec; readonly tensor: number },
): readonly (Rectangle & { readonly label: string })[] {
  let rank = 0;
  return rows.flatMap((nodes, row) => {
    let x = 0;
    return nodes.flatMap(({ gpus }) => {
      const cells = Array.from({ length: gpus }, (_, index) => {
        const edge = { left: (rank + index) % tensor === 0, right: (rank + index + 1) % tensor === 0 };
        return {
          row,
          from: x + index + (edge.left ? 0.08 : 0),
          to: x + index + 1 - (edge.right ? 0.08 : 0),
          top: 0.1,
          bottom: 0.9,
          colour: stageColour(Math.floor((rank + index) / gpusPerStage(plan))),
          label: String(rank + index),
        };
      });
      rank += gpus;
      x += gpus + 0.6;
      return cells;
    });
  });
}

function groupsOfRankZero(plan: ParallelPlanSpec, links: readonly GroupLinks[], strategy: string): readonly Html[] {
  if (links.length === 0) return [];
  return [
    html`<h3>The groups of rank 0</h3>
      <p>
        Of the strategy that most layers have, ${strategy === '' ? 'unsplit' : strategy}; other ranks have the same
        groups further on.
      </p>`,
    figure({
      chart: groupsChart(plan, links),
      description: links.map(({ kind, group }) => `${KINDS[kind]}: ${describeGroup(group)}`).join('; '),
      caption: 'Global ranks from 0; marks are the ranks that rank 0 forms a group with.',
    }),
    table({
      caption: 'Process groups',
      head: ['group', 'ranks', 'that of rank 0', 'how many', 'talks over', 'rate of a GPU'],
      numeric: [1, 3, 5],
      rows: links.map(({ kind, group, count, tier }) => [
        KINDS[kind],
        formatNumber(group.size),
        describeGroup(group),
        formatNumber(count),
        `${tier.link.name} (${tier.name})`,
        formatRate(tier.link.bytesPerSecond),
      ]),
    }),
  ];
}

/** `0, 1, 2, 3`; `0, 8, 16, … 120`. */
function describeGroup(group: GroupLinks['group']): string {
  const members = membersOf(group);
  return members.length <= 8 ? members.join(', ') : `${members.slice(0, 3).join(', ')}, … ${members.at(-1) ?? ''}`;
}

const GROUP_COLOURS: Readonly<Record<GroupLinks['kind'], string>> = {
  tensor: seriesColour(3),
  shards: seriesColour(2),
  replicas: seriesColour(1),
  pipeline: seriesColour(4),
};

/** Marks at least wide enough to be seen. */
function groupsChart({ gpus }: ParallelPlanSpec, links: readonly GroupLinks[]): Chart {
  const mark = Math.max(1, gpus / 400);
  const marks = links.map(({ kind, group }, row) =>
    membersOf(group).map((rank) => ({
      row,
      from: rank,
      to: rank + mark,
      top: 0.15,
      bottom: 0.85,
      colour: GROUP_COLOURS[kind],
    })),
  );
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + 40 + links.length * 28,
    option: {
      grid: {
        ...MARGIN,
        bottom: 40,
        outerBoundsMode: 'none',
        show: true,
        backgroundColor: COLOUR.raised,
        borderColor: COLOUR.line,
      },
      xAxis: axis({
        type: 'value' as const,
        min: 0,
        max: gpus + mark - 1,
        minInterval: 1,
        axisLabel: { color: COLOUR.muted, showMaxLabel: false },
      }),
      yAxis: axis({
        type: 'category' as const,
        inverse: true,
        data: links.map(({ kind }) => KINDS[kind]),
        axisTick: { show: false },
      }),
      series: [rectangleSeries({ name: 'members', colour: COLOUR.ink, rectangles: marks.flat() })],
    },
    tips: [marks.flat().map(({ from }) => `rank ${from}`)],
  };
}
