import { at, range } from './at.ts';
import type { Formulation, Scale } from './formulation.ts';
import { type Group, groupsOf } from './groups.ts';
import { type Column, LinearProgram, type Terms } from './linear-program.ts';
import { addPipelineConstraints, emptyTerms, type Expression, type PipelineTerms } from './pipeline-constraints.ts';
import type { Assignment, Matrix, Problem } from './problem.ts';
import type { States } from './states.ts';

/** One class of strategies in one (group, stage). */
interface ClassNode {
  /** One strategy that stands for all as far as resharding goes. */
  readonly strategy: number;
  /** Layers under each strategy of the class. */
  readonly counts: readonly { readonly strategy: number; readonly column: Column }[];
  /** 1 if the walk begins here, less the arcs that come in from other (group, stage)s. */
  readonly enter: Expression;
  /** 1 if the walk ends here, less the arcs that go out. */
  readonly leave: Expression;
}

/** A resharding step of the walk, between the classes at these positions. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly column: Column;
}

/** What one group does in one stage. */
interface Cell {
  readonly nodes: readonly ClassNode[];
  /** Steps between classes, each of which is visited once. */
  readonly steps: readonly Step[];
  /** A last step, back into the class in which the walk began. */
  readonly returns: readonly Step[];
}

interface Writing {
  readonly program: LinearProgram;
  readonly problem: Problem;
  readonly states: States;
  readonly terms: PipelineTerms;
}

/**
 * The grouped form. Layers of a {@link Group} are interchangeable, so that a plan need only say *how many* of them sit in
 * stage i under strategy k (`count[g,i,k]`) and in which order the resharding classes follow each other there: a walk
 * over the classes used. One unit of flow runs from the first (group, stage) to the last; inside each it is that walk.
 *
 * What a stage needs for buffers is the largest of its (group, stage)s' (see addBuffers).
 *
 * Exact: given the first and the last class of a (group, stage) and the counts, the triangle inequality lets every
 * other visit of a class be merged into one without cost, so each class is visited once, but for a walk that ends in
 * the class that it began in with others between. For that, every class can be returned to by a last step, if the walk
 * began there. Walks are made of binaries: with continuous steps a walk could enter two classes by half. A cycle apart
 * from the walk is ruled out by subtour constraints over the (at most five) classes. A group of one layer has no walk
 * and is what the path form makes of it.
 *
 * @param states the states to choose from, see usableStates
 */
export function groupedForm(problem: Problem, states: States, scale: Scale): Formulation {
  const writing = { program: new LinearProgram(), problem, states, terms: emptyTerms(problem, states) };
  const { program, terms } = writing;
  const groups = groupsOf(problem, states);
  const cells = groups.map((group, g) => range(0, problem.stages).map((stage) => addCell(writing, group, g, stage)));

  groups.forEach(({ size }, g) => {
    const counts = at(cells, g).flatMap(({ nodes }) => nodes.flatMap((node) => node.counts));
    program.equal(`layerPlacement[${g}]`, counts.map(({ column }) => [1, column]), size); // prettier-ignore
    addArcs(writing, groups, cells, g);
  });
  addFlow(program, cells);
  addPipelineConstraints(program, problem, terms, scale);
  return { form: 'grouped', program, decode: (solution) => decode(cells, solution) };
}

/** The variables and constraints of group `g` in `stage`. */
function addCell(writing: Writing, group: Group, g: number, stage: number): Cell {
  const { program, states } = writing;
  const layers = range(group.first, group.first + group.size).filter(
    (layer) => at(at(states, layer), stage).length > 0,
  );
  const usable = new Set(layers.flatMap((layer) => at(at(states, layer), stage)));
  const classes = group.classes
    .map((members) => members.filter((strategy) => usable.has(strategy)))
    .filter((members) => members.length > 0);
  const counts = classes.map((members) =>
    members.map((strategy) => {
      const upper = layers.length;
      const column = program.column(`count[${g},${stage},${strategy}]`, { upper, integer: true });
      addCosts(writing, group.first, stage, { strategy, column });
      return { strategy, column };
    }),
  );
  const input = { group, g, stage, capacity: layers.length, counts };
  addBuffers(writing, input);
  return group.size === 1 ? singleLayer(counts) : addWalk(writing, input);
}

/**
 * The largest buffer in a (group, stage), by steps: `above[g,i,b]` is 1 if a layer there needs more than b bytes. Of one
 * layer, the counts say so themselves.
 */
function addBuffers({ program, problem, terms }: Writing, { group, g, stage, capacity, counts }: CellInput): void {
  const { least } = at(terms.buffers, stage);
  const bytes = at(at(problem.layers, group.first).buffers, stage);
  const all = counts.flat();
  const levels = [...new Set([least, ...all.map(({ strategy }) => at(bytes, strategy))])].sort((a, b) => a - b);
  const beyond = levels.slice(1).flatMap((level, index): Expression => {
    const below = at(levels, index);
    const larger = all.filter(({ strategy }) => at(bytes, strategy) > below).map(({ column }) => column);
    if (group.size === 1) {
      return larger.map((column) => [level - below, column]);
    }
    const above = program.binary(`above[${g},${stage},${below}]`);
    const terms: Terms = [...larger.map((column) => [1, column] as const), [-capacity, above]];
    program.atMost(`larger[${g},${stage},${below}]`, terms, 0);
    return [[level - below, above]];
  });
  if (beyond.length > 0) {
    at(terms.buffersBeyond, stage).push(beyond);
  }
}

function addCosts(
  { problem, terms }: Writing,
  layer: number,
  stage: number,
  { strategy, column }: { readonly strategy: number; readonly column: Column },
): void {
  const { time, memory, perIteration } = at(problem.layers, layer);
  at(terms.stageTime, stage).push([at(at(time, stage), strategy), column]);
  at(terms.iterationTime, stage).push([at(at(perIteration, stage), strategy), column]);
  at(terms.stageMemory, stage).push([at(at(memory, stage), strategy), column]);
}

/** The walk of one layer begins and ends in its class. */
function singleLayer(counts: readonly ClassNode['counts'][]): Cell {
  const nodes = counts.map((members) => ({
    strategy: at(members, 0).strategy,
    counts: members,
    enter: members.map(({ column }): [number, Column] => [1, column]),
    leave: members.map(({ column }): [number, Column] => [1, column]),
  }));
  return { nodes, steps: [], returns: [] };
}

/** One group in one stage. */
interface CellInput {
  readonly group: Group;
  readonly g: number;
  readonly stage: number;
  /** The most layers of the group that can sit in the stage. */
  readonly capacity: number;
  readonly counts: readonly ClassNode['counts'][];
}

function addWalk(writing: Writing, { group, g, stage, capacity, counts }: CellInput): Cell {
  const { program, problem, terms } = writing;
  const reshard = at(problem.reshard, group.first);
  const heads = counts.map((members) => at(members, 0).strategy);
  const visits = heads.map((strategy) => program.binary(`visit[${g},${stage},${strategy}]`));
  const addSteps = (name: string): Step[] =>
    heads.flatMap((tail, from) =>
      heads.flatMap((head, to) => {
        const cost = at(at(reshard, tail), head);
        if (from === to || cost === Infinity) {
          return [];
        }
        const column = program.binary(`${name}[${g},${stage},${tail},${head}]`);
        at(terms.stageTime, stage).push([cost, column]);
        return [{ from, to, column }];
      }),
    );
  const steps = addSteps('step');
  const returns = capacity > 2 ? addSteps('return') : [];

  const nodes = heads.map((strategy, c) => {
    const visit = at(visits, c);
    const count = at(counts, c).map(({ column }): [number, Column] => [1, column]);
    const stepsIn = steps.filter(({ to }) => to === c).map(weighted(1));
    const returnsIn = returns.filter(({ to }) => to === c).map(weighted(1));
    const out = [...steps, ...returns].filter(({ from }) => from === c).map(weighted(1));
    const label = `[${g},${stage},${strategy}]`;
    program.atMost(`countIfVisited${label}`, [...count, [-capacity, visit]], 0);
    program.atMost(`visitIfCounted${label}`, [[1, visit], ...returnsIn, ...negated(count)], 0);
    program.atMost(`leaveOnce${label}`, [...out, [-1, visit]], 0);
    program.atMost(`returnToBegin${label}`, [...returnsIn, ...stepsIn, [-1, visit]], 0);
    return {
      strategy,
      counts: at(counts, c),
      enter: [[1, visit] as [number, Column], ...negated(stepsIn)],
      leave: [[1, visit] as [number, Column], ...negated(out), ...returnsIn],
    };
  });
  addSubtourConstraints(program, `${g},${stage}`, steps, visits);
  return { nodes, steps, returns };
}

function weighted(weight: number): (step: Step) => [number, Column] {
  return ({ column }) => [weight, column];
}

function negated(terms: Terms): [number, Column][] {
  return terms.map(([coefficient, column]) => [-coefficient, column]);
}

/** In every set of two or more classes: fewer steps inside than classes visited, whichever of them the walk visits. */
function addSubtourConstraints(
  program: LinearProgram,
  label: string,
  steps: readonly Step[],
  visits: readonly Column[],
): void {
  for (const mask of range(0, 2 ** visits.length)) {
    const inside = (c: number): boolean => (mask & (1 << c)) !== 0;
    const members = range(0, visits.length).filter(inside);
    const within = steps.filter(({ from, to }) => inside(from) && inside(to)).map(weighted(1));
    if (members.length < 2 || within.length === 0) {
      continue;
    }
    for (const spared of members) {
      const others = members.filter((c) => c !== spared).map((c): [number, Column] => [-1, at(visits, c)]);
      program.atMost(`subtour[${label},${members.join('+')},${spared}]`, [...within, ...others], 0);
    }
  }
}

/** The arcs out of group `g`: into the next group in the same or the next stage, or on with the group in the next stage. */
function addArcs(writing: Writing, groups: readonly Group[], cells: readonly (readonly Cell[])[], g: number): void {
  const { problem, terms } = writing;
  const { first, size } = at(groups, g);
  const last = first + size - 1;
  const next = cells[g + 1];
  at(cells, g).forEach((cell, stage) => {
    const connect = (
      to: Cell | undefined,
      costs: Matrix | undefined,
      time: Expression | undefined,
      name: string,
    ): void => {
      if (to !== undefined && costs !== undefined && time !== undefined) {
        addArcsBetween(writing.program, { from: cell, to, costs, time, name: `${name}[${g},${stage}` });
      }
    };
    connect(next?.[stage], problem.reshard[last], terms.stageTime[stage], 'onward');
    connect(next?.[stage + 1], problem.transfer[last], terms.boundaryTime[stage], 'across');
    connect(size > 1 ? cells[g]?.[stage + 1] : undefined, problem.transfer[first], terms.boundaryTime[stage], 'split');
  });
}

interface ArcsInput {
  readonly from: Cell;
  readonly to: Cell;
  readonly costs: Matrix;
  readonly time: Expression;
  readonly name: string;
}

function addArcsBetween(program: LinearProgram, { from, to, costs, time, name }: ArcsInput): void {
  for (const tail of from.nodes) {
    for (const head of to.nodes) {
      const cost = at(at(costs, tail.strategy), head.strategy);
      if (cost < Infinity) {
        const arc = program.column(`${name},${tail.strategy},${head.strategy}]`);
        time.push([cost, arc]);
        tail.leave.push([-1, arc]);
        head.enter.push([-1, arc]);
      }
    }
  }
}

/** One unit enters the first group in the first stage; everywhere else, what comes in goes on. */
function addFlow(program: LinearProgram, cells: readonly (readonly Cell[])[]): void {
  const [lastGroup, lastStage] = [cells.length - 1, at(cells, 0).length - 1];
  const begin = at(at(cells, 0), 0).nodes.flatMap(({ enter }) => enter);
  program.equal('begin', begin, 1);
  for (const [g, byStage] of cells.entries()) {
    for (const [stage, { nodes }] of byStage.entries()) {
      if (g > 0 || stage > 0) {
        addConservation(program, nodes, 'enter', `${g},${stage}`);
      }
      if (g < lastGroup || stage < lastStage) {
        addConservation(program, nodes, 'leave', `${g},${stage}`);
      }
    }
  }
}

function addConservation(
  program: LinearProgram,
  nodes: readonly ClassNode[],
  side: 'enter' | 'leave',
  label: string,
): void {
  for (const node of nodes) {
    program.equal(`${side}[${label},${node.strategy}]`, node[side], 0);
  }
}

function decode(cells: readonly (readonly Cell[])[], solution: ArrayLike<number>): Assignment {
  const placement: number[] = [];
  const strategy: number[] = [];
  for (const byStage of cells) {
    byStage.forEach((cell, stage) => {
      const layers = strategiesInOrder(cell, solution);
      strategy.push(...layers);
      placement.push(...layers.map(() => stage));
    });
  }
  return { placement, strategy };
}

/** The strategies of one group's layers in one stage, in the order of the walk. */
function strategiesInOrder({ nodes, steps, returns }: Cell, solution: ArrayLike<number>): number[] {
  const taken = ({ column }: { readonly column: Column }): boolean => at(solution, column) > 0.5;
  const layersOf = (c: number): number[] =>
    at(nodes, c).counts.flatMap((count) => Array<number>(Math.round(at(solution, count.column))).fill(count.strategy));
  const used = range(0, nodes.length).filter((c) => layersOf(c).length > 0);
  const begin = used.find((c) => !steps.some((step) => step.to === c && taken(step)));
  const order: number[] = [];
  for (let c = begin; c !== undefined && order.length < nodes.length;) {
    const here: number = c;
    order.push(here);
    c = steps.find((step) => step.from === here && taken(step))?.to;
  }
  const layers = order.flatMap(layersOf);
  // The walk that returns ends with the last of the layers that it began with.
  const held = begin !== undefined && returns.some(taken) ? layersOf(begin).length - 1 : undefined;
  return held === undefined ? layers : [...layers.slice(0, held), ...layers.slice(held + 1), at(layers, held)];
}
