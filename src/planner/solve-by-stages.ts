import { ceiling, isSettled, type Knowledge, type Task, withBound, withPlan } from './knowledge.ts';
import { type LayeredGraph, layeredGraph } from './layered-graph.ts';
import { outlookOf } from './outlook.ts';
import { RunBounds } from './run-bounds.ts';
import { meanMeasure, StageGuide } from './stage-guide.ts';
import { searchStages } from './stage-search.ts';

/** How far above the lower bound to look first, as a share of it: by bounds alone, and for plans. */
const FIRST_REACH = { bounds: 1 / 64, plans: 1 / 256 } as const;

/** How many times further each look reaches than the one before. */
const GROWTH = 4;

/** Runs to go on with from each layer in narrow looks: at first, and where a plan is known. */
const WIDTH = { first: 24, next: 96 } as const;

/**
 * Raises the lower bound by bounds alone, looks narrowly for a good plan, and then for the best, ever further above the
 * lower bound. A look that ends without a plan has proved that there is none so far; the first that finds one has found
 * the best. Gives up, with what it has proved, where a look exceeds its budget.
 *
 * @param budget runs of layers that one look may extend
 */
export function solveByStages(task: Task, start: Knowledge, budget: number): Knowledge {
  const graph = layeredGraph(task.problem, task.states);
  const outlook = outlookOf(graph);
  const bounds = new RunBounds(graph, outlook, meanMeasure(graph));
  const guideBelow = (cutoff: number): StageGuide => new StageGuide(graph, outlook, bounds, cutoff / graph.tick);
  const means = { graph, guideBelow, budget };
  let known = withBound({ ...start, form: 'stage-wise' }, outlook.lowerBound * graph.tick);
  known = boundBelow(task, known, means);
  const top = ceiling(task, known);
  if (!isSettled(task, known) && top < Infinity) {
    known = lookNarrowly(task, known, { ...means, guide: guideBelow(top), cutoff: top, width: WIDTH.next });
  }
  return searchBelow(task, known, means);
}

interface Means {
  readonly graph: LayeredGraph;
  readonly guideBelow: (cutoff: number) => StageGuide;
  readonly budget: number;
}

/** Raises the lower bound as far as bounds alone do, and looks for a plan where they leave room for one. */
function boundBelow(task: Task, start: Knowledge, means: Means): Knowledge {
  let known = start;
  for (const cutoff of cutoffs(task, start, FIRST_REACH.bounds)) {
    if (isSettled(task, known)) {
      break;
    }
    const guide = means.guideBelow(cutoff);
    known = withBound(known, Math.min(cutoff, guide.lowerBound * means.graph.tick));
    if (guide.lowerBound < Infinity) {
      return lookNarrowly(task, known, { ...means, guide, cutoff, width: WIDTH.first });
    }
  }
  return known;
}

interface NarrowLook extends Means {
  readonly guide: StageGuide;
  readonly cutoff: number;
  readonly width: number;
}

/** A good plan, where one is found soon. */
function lookNarrowly(task: Task, known: Knowledge, { graph, guide, cutoff, budget, width }: NarrowLook): Knowledge {
  const limits = { cutoff: cutoff / graph.tick, budget, deadline: task.deadline, width };
  const { assignment } = searchStages(graph, guide, limits);
  return assignment === null ? known : withPlan(task, known, assignment);
}

/** The best plan, or the proof that there is none up to where the task asks for one. */
function searchBelow(task: Task, start: Knowledge, { graph, guideBelow, budget }: Means): Knowledge {
  let known = start;
  for (const cutoff of cutoffs(task, start, FIRST_REACH.plans)) {
    if (isSettled(task, known)) {
      break;
    }
    const limits = { cutoff: cutoff / graph.tick, budget, deadline: task.deadline };
    const { assignment, exhausted, ...result } = searchStages(graph, guideBelow(cutoff), limits);
    known = assignment === null ? known : withPlan(task, known, assignment);
    if (!exhausted) {
      break;
    }
    known = withBound(known, assignment === null ? cutoff : result.cutoff * graph.tick);
    if (assignment !== null) {
      break;
    }
  }
  return known;
}

/** Ever higher cutoffs, up to what is of use. */
function* cutoffs(task: Task, known: Knowledge, firstReach: number): Generator<number> {
  const top = ceiling(task, known);
  for (let reach = firstReach; ; reach *= GROWTH) {
    const cutoff = known.lowerBound > 0 ? Math.min(top, known.lowerBound * (1 + reach)) : top;
    yield cutoff;
    if (cutoff === top) {
      return;
    }
  }
}
