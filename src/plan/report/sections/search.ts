/** How the plan was found: what is proved of every candidate. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { Candidate } from '../../../cost/workload.ts';
import type { CandidateLog } from '../../../planner/search.ts';
import { formatCount, formatNumber, formatSeconds } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html } from '../html.ts';
import type { Subject } from '../subject.ts';

type Entry = CandidateLog<Candidate>;

/** Those with the least bounds are drawn; the table has all. */
const DRAWN = 24;
/** Candidates that take longer than this many times the plan are drawn up to here. */
const MOST_TIMES = 3;
const ROW_HEIGHT = 18;
const MARGIN = { left: 150, right: 24, top: 24, bottom: 30 } as const;

const OUTCOMES: Readonly<Record<Entry['outcome'], string>> = {
  solved: 'searched',
  'pruned-by-bound': 'ruled out by its bound',
  infeasible: 'does not fit',
  'time-limit': 'left open when the time was over',
  failed: 'left open: the solver failed',
};

export function searchSection({ plan, log, price }: Subject): Section | null {
  if (log.length === 0) return null;
  const entries = log.toSorted((one, other) => one.lowerBound - other.lowerBound);
  const drawn = entries.filter(({ lowerBound }) => Number.isFinite(lowerBound)).slice(0, DRAWN);
  const seconds = Number(plan.proof?.seconds ?? 0);
  return {
    id: 'search',
    title: 'The search',
    body: [
      html`<p>
        A candidate is a pair of pipeline stages (pp) and micro-batches (c). The search took ${formatSeconds(seconds)}
        for ${formatCount(log.length, 'candidate')}. Of each it is proved that no plan takes less than its bound; a
        candidate whose bound is no better than the best plan is not searched further.
      </p>`,
      figure({
        chart: chartOf(drawn, price.stepSeconds),
        legend: [
          { name: 'ruled out: no plan takes so little', colour: seriesColour(7) },
          { name: 'best plan found of the candidate', colour: seriesColour(1) },
        ],
        description: `Lower bounds of the ${formatCount(drawn.length, 'candidate')} with the least, from ${formatSeconds(drawn[0]?.lowerBound ?? 0)} up, and the plan at ${formatSeconds(price.stepSeconds)}.`,
        caption: `Seconds of a step. The line is the plan.${drawn.length < log.length ? ` The ${drawn.length} candidates with the least bounds.` : ''}`,
      }),
      table({
        caption: `All ${formatCount(log.length, 'candidate')}`,
        head: ['candidate', 'first bound', 'proved bound', 'best plan', 'outcome', 'solver nodes', 'time'],
        numeric: [1, 2, 3, 5, 6],
        rows: entries.map((entry) => [
          nameOf(entry.candidate),
          secondsOrNone(entry.bound),
          secondsOrNone(entry.lowerBound),
          entry.value === null ? '' : formatSeconds(entry.value),
          OUTCOMES[entry.outcome],
          formatNumber(entry.solverNodes),
          entry.seconds === 0 ? '' : formatSeconds(entry.seconds),
        ]),
      }),
    ],
  };
}

/** What layers are held to agree on tells candidates of one pair apart. */
function nameOf({ stages, microBatches, virtualStages, only }: Candidate): string {
  const chunks = virtualStages === 1 ? '' : ` · v ${virtualStages}`;
  const agreed = [only?.all, only?.tied].flatMap((agreement) =>
    agreement === undefined ? [] : Object.entries(agreement),
  );
  const words = agreed.map(([field, value]) => `${field} ${String(value)}`).join(', ');
  return `pp ${stages} · c ${microBatches}${chunks}${words === '' ? '' : ` (${words})`}`;
}

function secondsOrNone(seconds: number): string {
  return Number.isFinite(seconds) ? formatSeconds(seconds) : 'none';
}

function chartOf(entries: readonly Entry[], best: number): Chart {
  const most = Math.min(
    MOST_TIMES * best,
    1.05 * Math.max(best, ...entries.map(({ lowerBound, value }) => value ?? lowerBound)),
  );
  const found = entries.flatMap(({ value }, row) => (value === null || value > most ? [] : [[value, row]]));
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + entries.length * ROW_HEIGHT,
    option: {
      grid: { ...MARGIN, outerBoundsMode: 'none' },
      xAxis: axis({
        type: 'value' as const,
        min: 0,
        max: most,
        axisLabel: {
          color: COLOUR.muted,
          showMaxLabel: false,
          formatter: (value: number) => (value === 0 ? '0' : formatSeconds(value)),
        },
      }),
      yAxis: axis({
        type: 'category' as const,
        inverse: true,
        data: entries.map(({ candidate }) => nameOf(candidate)),
        axisTick: { show: false },
        axisLabel: { color: COLOUR.muted, interval: 0, width: MARGIN.left - 14, overflow: 'truncate' as const },
      }),
      series: [
        {
          ...rectangleSeries({
            name: 'bounds',
            colour: seriesColour(7),
            rectangles: entries.map(({ lowerBound }, row) => ({
              row,
              from: 0,
              to: Math.min(lowerBound, most),
              top: 0.2,
              bottom: 0.8,
            })),
          }),
          markLine: {
            symbol: 'none',
            silent: true,
            lineStyle: { color: COLOUR.ink, type: 'solid', width: 1.5 },
            label: { formatter: `the plan, ${formatSeconds(best)}`, position: 'start', color: COLOUR.ink },
            data: [{ xAxis: best }],
          },
        },
        { type: 'scatter', name: 'found', color: seriesColour(1), symbolSize: 9, silent: true, data: found },
      ],
    },
    tips: [
      entries.map(
        ({ candidate, lowerBound }) => `${nameOf(candidate)}: no plan takes less than ${formatSeconds(lowerBound)}`,
      ),
    ],
  };
}
