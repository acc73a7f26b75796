import highsModule, { type Highs, type Model, type ModelData } from 'highs';
import type { SparseProgram } from '../linear-program.ts';
import type { ProgramAnswer, ProgramOptions, ProgramSolver } from './program-solver.ts';

/** The largest value of an integer option. */
const MAX_INT = 2 ** 31 - 1;

/** HiGHS allows 1e-10 to 1e-1. Programs are scaled to suit (Scale in ../formulation.ts). */
const TOLERANCE = 1e-9;

/** The package declares its types as CommonJS, while what Node imports is its ES module: the default is the loader itself. */
const loadRuntime = highsModule as unknown as typeof highsModule.default;

/** Options of HiGHS by name (https://ergo-code.github.io/HiGHS/dev/options/definitions/). */
export type HighsOptions = Parameters<Model['options']['set']>[0];

/**
 * Loads HiGHS, compiled to WebAssembly: single-threaded, and deterministic but for its time limit.
 *
 * @param settings - On top of what is set here; to see what they change.
 */
export async function loadHighs(settings: HighsOptions = {}): Promise<ProgramSolver> {
  const highs = await loadRuntime();
  return (program, options) =>
    highs.withModel(modelData(program), (model) => {
      setOptions(model, options);
      model.options.set(settings);
      return run(highs, model);
    });
}

function modelData(program: SparseProgram): ModelData {
  const { columns, rows, starts, indices, values } = program;
  return {
    numCols: columns,
    numRows: rows,
    colCost: program.cost,
    colLower: program.lower,
    colUpper: program.upper,
    rowLower: program.rowLower,
    rowUpper: program.rowUpper,
    integrality: program.integer,
    matrix: { format: 'csc', numCols: columns, numRows: rows, starts, indices, values },
  };
}

function setOptions(model: Model, { timeLimitSeconds, nodeLimit, relativeGap }: ProgramOptions): void {
  model.options.set({
    output_flag: false,
    random_seed: 0,
    time_limit: timeLimitSeconds,
    mip_max_nodes: Math.min(nodeLimit, MAX_INT),
    mip_rel_gap: relativeGap,
    mip_abs_gap: 0,
    mip_feasibility_tolerance: TOLERANCE,
    primal_feasibility_tolerance: TOLERANCE,
    dual_feasibility_tolerance: TOLERANCE,
  });
}

function run(highs: Highs, model: Model): ProgramAnswer {
  model.run();
  const found = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
  return {
    status: statusOf(highs, model.getModelStatus()),
    solution: found ? model.getSolution().colValue : null,
    lowerBound: Number(model.info.get('mip_dual_bound')),
    nodes: Math.max(0, Number(model.info.get('mip_node_count'))),
  };
}

function statusOf({ constants: { modelStatus } }: Highs, status: number): ProgramAnswer['status'] {
  switch (status) {
    case modelStatus.optimal:
      return 'optimal';
    case modelStatus.infeasible:
      return 'infeasible';
    case modelStatus.timeLimit:
      return 'stopped';
    case modelStatus.solutionLimit:
      // What HiGHS calls the end by a limit on nodes.
      return 'stopped';
    default:
      throw new Error(`HiGHS ended with model status ${status}`);
  }
}
