import { ceiling, isSettled, type Knowledge, type Task, withBound, withPlan } from './knowledge.ts';
import { layeredGraph } from './layered-graph.ts';
import { StageGuide } from './stage-guide.ts';
import { searchStages } from './stage-search.ts';

/** How far above the lower bound to look first, as a share of it. */
const FIRST_REACH = 0.02;

/**
 * Looks for plans ever further above the lower bound, twice as far each time. A search that ends without a plan has
 * proved that there is none so far; the first that finds one has found the best. Gives up, with what it has proved,
 * where a search exceeds its budget.
 *
 * @param budget runs of layers that one search may extend
 */
export function solveByStages(task: Task, start: Knowledge, budget: number): Knowledge {
  const graph = layeredGraph(task.problem, task.states);
  const guide = new StageGuide(graph);
  let known = withBound({ ...start, form: 'stage-wise' }, guide.lowerBound);
  const base = known.lowerBound;
  for (let reach = FIRST_REACH; !isSettled(task, known); reach *= 2) {
    const top = Math.min(ceiling(task, known), task.upTo);
    const cutoff = base > 0 ? Math.min(top, base * (1 + reach)) : top;
    const { assignment, exhausted } = searchStages(graph, guide, { cutoff, budget, deadline: task.deadline });
    known = assignment === null ? known : withPlan(task, known, assignment);
    if (!exhausted) {
      return known;
    }
    known = withBound(known, assignment === null ? cutoff : ceiling(task, known));
  }
  return known;
}
