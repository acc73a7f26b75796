import { ceiling, isSettled, type Knowledge, type Task, withBound, withPlan } from './knowledge.ts';
import { type LayeredGraph, layeredGraph } from './layered-graph.ts';
import { outlookOf } from './outlook.ts';
import { RunBounds } from './run-bounds.ts';
import { meanMeasure, StageGuide } from './stage-guide.ts';
import { searchStages, type StageSearchLimits } from './stage-search.ts';

/** How far above the lower bound to look first, as a share of it: by bounds alone, and for plans. */
const FIRST_REACH = { bounds: 1 / 64, plans: 1 / 256 } as const;

/** How many times further each look reaches than the one before. */
const GROWTH = 4;

/** A narrow look goes on with so many runs from each layer, and finds a plan with so few partial plans or not at all. */
const NARROW = { width: 96, budget: 300_000 } as const;

/**
 * Raises the lower bound by bounds alone to where they leave room for plans, and looks for plans ever further above it: first
 * narrowly for a good one, whose value is the closest of cutoffs, then for the best. A look that ends without a plan has
 * proved that there is none so far; the first that finds one has found the best. Gives up, with what it has proved,
 * where a look exceeds its budget.
 *
 * @param budget runs of layers that one look may extend
 */
export function solveByStages(task: Task, start: Knowledge, budget: number): Knowledge {
  const graph = layeredGraph(task.problem, task.states);
  const outlook = outlookOf(graph);
  const bounds = new RunBounds(graph, outlook, meanMeasure(graph));
  const guideBelow = (cutoff: number): StageGuide => new StageGuide(graph, outlook, bounds, cutoff / graph.tick);
  const means = { graph, guideBelow, budget };
  const known = withBound({ ...start, form: 'stage-wise' }, outlook.lowerBound * graph.tick);
  return searchBelow(task, boundBelow(task, known, means), means);
}

interface Means {
  readonly graph: LayeredGraph;
  readonly guideBelow: (cutoff: number) => StageGuide;
  readonly budget: number;
}

/** Raises the lower bound as far as bounds alone do. */
function boundBelow(task: Task, start: Knowledge, { graph, guideBelow }: Means): Knowledge {
  let known = start;
  for (const cutoff of cutoffs(task, start, FIRST_REACH.bounds)) {
    if (isSettled(task, known)) {
      break;
    }
    const { lowerBound } = guideBelow(cutoff);
    known = withBound(known, Math.min(cutoff, lowerBound * graph.tick));
    if (lowerBound < Infinity) {
      break;
    }
  }
  return known;
}

/** The best plan, or the proof that there is none up to where the task asks for one. */
function searchBelow(task: Task, start: Knowledge, means: Means): Knowledge {
  let known = start;
  for (const cutoff of cutoffs(task, start, FIRST_REACH.plans)) {
    if (isSettled(task, known)) {
      break;
    }
    const look = lookBelow(task, known, cutoff, means);
    known = look.known;
    if (!look.exhausted || known.plan !== start.plan) {
      break;
    }
  }
  return known;
}

interface Look {
  readonly known: Knowledge;
  /** Whether every plan below the cutoff has been covered. */
  readonly exhausted: boolean;
}

/** The best plan below a cutoff: a good one first, where one is found soon, and then what is better. */
function lookBelow(task: Task, start: Knowledge, cutoff: number, { graph, guideBelow, budget }: Means): Look {
  const guide = guideBelow(cutoff);
  const narrow = look(task, start, graph, { guide, cutoff, ...NARROW });
  if (narrow.exhausted) {
    return narrow;
  }
  const top = Math.min(cutoff, ceiling(task, narrow.known));
  return look(task, narrow.known, graph, { guide: top < cutoff ? guideBelow(top) : guide, cutoff: top, budget });
}

interface LookLimits extends Omit<StageSearchLimits, 'deadline'> {
  readonly guide: StageGuide;
}

function look(task: Task, start: Knowledge, graph: LayeredGraph, { guide, cutoff, ...limits }: LookLimits): Look {
  const found = searchStages(graph, guide, { ...limits, cutoff: cutoff / graph.tick, deadline: task.deadline });
  const known = found.assignment === null ? start : withPlan(task, start, found.assignment);
  const { exhausted } = found;
  return { exhausted, known: exhausted ? withBound(known, found.cutoff * graph.tick) : known };
}

/** Ever higher cutoffs, up to what is of use. */
function* cutoffs(task: Task, known: Knowledge, firstReach: number): Generator<number> {
  const top = Math.min(ceiling(task, known), task.upTo);
  for (let reach = firstReach; ; reach *= GROWTH) {
    const cutoff = known.lowerBound > 0 ? Math.min(top, known.lowerBound * (1 + reach)) : top;
    yield cutoff;
    if (cutoff === top) {
      return;
    }
  }
}
