import { at, range } from './at.ts';
import { type Edges, reshardingClasses } from './classes.ts';
import type { Formulation, Scale } from './formulation.ts';
import { type Column, LinearProgram } from './linear-program.ts';
import { addPipelineConstraints, emptyTerms, type Expression, type PipelineTerms } from './pipeline-constraints.ts';
import type { Assignment, Matrix, Problem } from './problem.ts';
import type { States } from './states.ts';

interface State {
  readonly strategy: number;
  readonly column: Column;
}

/** `StateTable[u][i]`: the states of layer u in stage i. */
type StateTable = readonly (readonly (readonly State[])[])[];

/** States of one layer and stage that an edge cannot tell apart, and the flow through them less that on their arcs. */
interface Node {
  /** One strategy that stands for all. */
  readonly strategy: number;
  readonly flow: Expression;
}

/**
 * The path form, exact for any tables. A state (layer u, stage i, strategy k) is a node of a layered graph; the binary
 * `state[u,i,k]` (the paper's P[u,i] · S[u,k]) says that the plan passes through it. One unit of flow runs from the
 * first layer to the last, along arcs between classes of states of neighbouring layers: inside a stage at cost R, or
 * into the next stage at cost R'. A plan is a path, so that placement, selection and order (stages contiguous, in order,
 * none empty) hold by the shape of the graph. Arcs may be continuous: once every layer passes through one state, only
 * the arc between two chosen states can carry the unit.
 *
 * @param states the states to choose from, see usableStates
 */
export function pathForm(problem: Problem, states: States, scale: Scale): Formulation {
  const program = new LinearProgram();
  const terms = emptyTerms(problem, states);
  const table = states.map((byStage, layer) =>
    byStage.map((strategies, stage) => {
      const cell = strategies.map((strategy) => ({
        strategy,
        column: program.binary(`state[${layer},${stage},${strategy}]`),
      }));
      addCosts(problem, layer, stage, { cell, terms });
      return cell;
    }),
  );
  const first = at(table, 0).flat();
  program.equal(
    'layerPlacement',
    first.map(({ column }) => [1, column]),
    1,
  );
  for (const layer of range(0, problem.layers.length - 1)) {
    addEdge(program, problem, layer, { table, terms });
  }
  addPipelineConstraints(program, problem, terms, scale);
  return { form: 'path', program, decode: (solution) => decode(table, solution) };
}

/** What the states of one layer in one stage cost. The layer has one of them at most, and its buffer. */
function addCosts(
  { layers }: Problem,
  layer: number,
  stage: number,
  { cell, terms }: { readonly cell: readonly State[]; readonly terms: PipelineTerms },
): void {
  const { time, memory, buffers, perIteration } = at(layers, layer);
  const costs = (table: Matrix): Expression =>
    cell.map(({ strategy, column }) => [at(at(table, stage), strategy), column]);
  at(terms.stageTime, stage).push(...costs(time));
  at(terms.iterationTime, stage).push(...costs(perIteration));
  at(terms.stageMemory, stage).push(...costs(memory));
  const { least } = at(terms.buffers, stage);
  const beyond = costs(buffers).filter(([bytes]) => bytes > least);
  if (beyond.length > 0) {
    at(terms.buffersBeyond, stage).push(beyond.map(([bytes, column]) => [bytes - least, column]));
  }
}

interface Written {
  readonly table: StateTable;
  readonly terms: PipelineTerms;
}

/** The arcs of the edge <layer, layer + 1> and the conservation of flow at both of its ends. */
function addEdge(program: LinearProgram, problem: Problem, layer: number, { table, terms }: Written): void {
  const reshard = at(problem.reshard, layer);
  const transfer = at(problem.transfer, layer);
  const tails = at(table, layer).map((states) => nodesOf(states, { into: [], outOf: [reshard, transfer] }));
  const heads = at(table, layer + 1).map((states) => nodesOf(states, { into: [reshard, transfer], outOf: [] }));
  const connect = (tailStage: number, headStage: number): void => {
    const [costs, time] =
      tailStage === headStage
        ? [reshard, at(terms.stageTime, tailStage)]
        : [transfer, at(terms.boundaryTime, tailStage)];
    for (const tail of at(tails, tailStage)) {
      for (const head of at(heads, headStage)) {
        const cost = at(at(costs, tail.strategy), head.strategy);
        if (cost < Infinity) {
          const arc = program.column(`arc[${layer},${tailStage},${tail.strategy},${headStage},${head.strategy}]`);
          time.push([cost, arc]);
          tail.flow.push([-1, arc]);
          head.flow.push([-1, arc]);
        }
      }
    }
  };
  for (const stage of range(0, problem.stages)) {
    connect(stage, stage);
    if (stage + 1 < problem.stages) {
      connect(stage, stage + 1);
    }
  }
  addConservation(program, `leave[${layer}`, tails);
  addConservation(program, `enter[${layer + 1}`, heads);
}

function addConservation(program: LinearProgram, name: string, nodes: readonly (readonly Node[])[]): void {
  for (const [stage, inStage] of nodes.entries()) {
    for (const { strategy, flow } of inStage) {
      program.equal(`${name},${stage},${strategy}]`, flow, 0);
    }
  }
}

function nodesOf(states: readonly State[], edges: Edges): Node[] {
  const columns = new Map(states.map(({ strategy, column }) => [strategy, column]));
  return reshardingClasses([...columns.keys()], edges).map((members) => ({
    strategy: at(members, 0),
    flow: members.map((strategy) => [1, columns.get(strategy) ?? -1]),
  }));
}

/** Every layer takes the state that carries most of the unit (all of it, but for the solver's rounding). */
function decode(table: StateTable, solution: ArrayLike<number>): Assignment {
  const chosen = table.map((byStage) => {
    const states = byStage.flatMap((inStage, stage) => inStage.map((state) => ({ ...state, stage })));
    return states.reduce((best, state) => (at(solution, state.column) > at(solution, best.column) ? state : best));
  });
  return { placement: chosen.map(({ stage }) => stage), strategy: chosen.map(({ strategy }) => strategy) };
}
