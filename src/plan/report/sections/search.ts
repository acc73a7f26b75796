/** How the plan was found: what is proved of every candidate. */
import { COLOUR, seriesColour } from '../../../charts/palette.ts';
import { rectangleSeries } from '../../../charts/rectangles.ts';
import { axis, type Chart } from '../../../charts/svg.ts';
import type { ParallelPlanSpec } from '../../../api/parallel-plan.ts';
import type { Candidate } from '../../../cost/workload.ts';
import type { CandidateLog } from '../../../planner/search.ts';
import { formatCount, formatNumber, formatSeconds } from '../../units.ts';
import { CHART_WIDTH, figure, type Section, table } from '../figure.ts';
import { html, type Html } from '../html.ts';
import type { Subject } from '../subject.ts';
import { rowAxis } from './rows.ts';

type Entry = CandidateLog<Candidate>;
type Proof = NonNullable<ParallelPlanSpec['proof']>;
type RunnerUp = NonNullable<Proof['runnersUp']>[number];

/** Pairs with the least bounds are drawn; the table has all. */
const DRAWN = 24;
/** Pairs that take longer than this many times the plan are drawn up to here. */
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
  if (log.length === 0) return plan.proof === undefined ? null : recordedSearch(plan.proof);
  const pairs = pairsOf(log).toSorted((one, other) => one.lowerBound - other.lowerBound);
  const drawn = pairs.filter(({ lowerBound }) => Number.isFinite(lowerBound)).slice(0, DRAWN);
  const seconds = Number(plan.proof?.seconds ?? 0);
  return {
    id: 'search',
    title: 'The search',
    body: [
      html`<p>
        The search took ${formatSeconds(seconds)} for ${formatCount(pairs.length, 'pair')} of pipeline stages (pp) and
        micro-batches (c)${pairs.length < log.length ? `, in ${formatCount(log.length, 'part')}` : ''}. Of each it is
        proved that no plan takes less than its bound; one whose bound is no better than the best plan is not searched
        further.
      </p>`,
      figure({
        chart: chartOf(drawn, price.stepSeconds),
        legend: [
          { name: 'ruled out: no plan takes so little', colour: seriesColour(7) },
          { name: 'best plan found of the pair', colour: seriesColour(1) },
        ],
        description: `Lower bounds of the ${formatCount(drawn.length, 'pair')} with the least, from ${formatSeconds(drawn[0]?.lowerBound ?? 0)} up, and the plan at ${formatSeconds(price.stepSeconds)}.`,
        caption: `Time of a step. The line is the plan.${drawn.length < pairs.length ? ` The ${drawn.length} pairs with the least bounds.` : ''}`,
      }),
      table({
        caption: `All ${formatCount(pairs.length, 'pair')}`,
        head: ['pair', 'first bound', 'proved bound', 'best plan found', 'outcome', 'solver nodes', 'time'],
        numeric: [1, 2, 3, 5, 6],
        rows: pairs.map((pair) => [
          pair.name,
          secondsOrNone(pair.bound),
          secondsOrNone(pair.lowerBound),
          pair.value === null ? '' : formatSeconds(pair.value),
          pair.outcomes.map((outcome) => OUTCOMES[outcome]).join('; '),
          formatNumber(pair.solverNodes),
          pair.seconds === 0 ? '' : formatSeconds(pair.seconds),
        ]),
      }),
    ],
  };
}

/** A plan that is recorded has the outcome of its search, not the search. */
function recordedSearch(proof: Proof): Section {
  const { candidates, pruned, infeasible, solved, confirmed, runnersUp = [] } = proof;
  const counts = [
    ['considered', candidates],
    ['ruled out by their bounds', pruned],
    ['without a plan that fits', infeasible],
    ['searched', solved],
    [`of these confirmed by ${proof.solver}`, confirmed],
  ] as const;
  return {
    id: 'search',
    title: 'The search',
    body: [
      html`<p>
        The search took ${formatSeconds(Number(proof.seconds))}. What became of each candidate is not recorded with a
        plan: <code>uniap explain JOB.yaml --report FILE.html</code> searches anew, and shows it, with plans for the
        runners-up.
      </p>`,
      table({
        caption: 'Candidates',
        head: ['candidates', 'number'],
        numeric: [1],
        rows: counts.map(([name, count]) => [name, formatNumber(count)]),
      }),
      ...(runnersUp.length === 0 ? [] : [runnersUpTable(runnersUp)]),
    ],
  };
}

function runnersUpTable(runnersUp: readonly RunnerUp[]): Html {
  return table({
    caption: 'Runners-up: the other pairs with the least bounds',
    head: ['pair', 'no plan takes less than'],
    numeric: [1],
    rows: runnersUp.map(({ pipelineDegree, microBatches, lowerBound }) => [
      `pp ${pipelineDegree} · c ${microBatches}`,
      formatSeconds(Number(lowerBound)),
    ]),
  });
}

/** What is known of a pair: of all its candidates, which differ in what layers agree on and in the GPUs they are for. */
interface Pair extends Pick<Entry, 'bound' | 'lowerBound' | 'value' | 'solverNodes' | 'seconds'> {
  readonly name: string;
  readonly outcomes: readonly Entry['outcome'][];
}

function pairsOf(log: readonly Entry[]): readonly Pair[] {
  return [...Map.groupBy(log, nameOf)].map(([name, entries]) => {
    const values = entries.flatMap(({ value }) => value ?? []);
    return {
      name,
      bound: Math.min(...entries.map(({ bound }) => bound)),
      lowerBound: Math.min(...entries.map(({ lowerBound }) => lowerBound)),
      value: values.length === 0 ? null : Math.min(...values),
      outcomes: [...new Set(entries.map(({ outcome }) => outcome))],
      solverNodes: entries.reduce((sum, { solverNodes }) => sum + solverNodes, 0),
      seconds: entries.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
}

function nameOf({ candidate: { stages, microBatches, virtualStages } }: Entry): string {
  return `pp ${stages} · c ${microBatches}${virtualStages === 1 ? '' : ` · v ${virtualStages}`}`;
}

function secondsOrNone(seconds: number): string {
  return Number.isFinite(seconds) ? formatSeconds(seconds) : 'none';
}

function chartOf(pairs: readonly Pair[], best: number): Chart {
  const most = Math.min(
    MOST_TIMES * best,
    1.05 * Math.max(best, ...pairs.map(({ lowerBound, value }) => value ?? lowerBound)),
  );
  const found = pairs.flatMap(({ value }, row) => (value === null || value > most ? [] : [[value, row]]));
  return {
    width: CHART_WIDTH,
    height: MARGIN.top + MARGIN.bottom + pairs.length * ROW_HEIGHT,
    option: {
      grid: { ...MARGIN, outerBoundsMode: 'none' },
      xAxis: axis({
        type: 'value' as const,
        min: 0,
        max: most,
        axisLabel: {
          color: COLOUR.muted,
          showMaxLabel: false,
          formatter: formatSeconds,
        },
      }),
      yAxis: rowAxis(
        pairs.map(({ name }) => name),
        MARGIN.left,
      ),
      series: [
        {
          ...rectangleSeries({
            name: 'bounds',
            colour: seriesColour(7),
            rectangles: pairs.map(({ lowerBound }, row) => ({
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
    tips: [pairs.map(({ name, lowerBound }) => `${name}: no plan takes less than ${formatSeconds(lowerBound)}`)],
  };
}
