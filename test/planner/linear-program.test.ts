import test from 'ava';
import { groupedForm } from '../../src/planner/grouped-form.ts';
import { LinearProgram } from '../../src/planner/linear-program.ts';
import { pathForm } from '../../src/planner/path-form.ts';
import type { Problem } from '../../src/planner/problem.ts';
import { usableStates } from '../../src/planner/states.ts';

test('a program becomes compressed sparse columns', (t) => {
  const program = new LinearProgram();
  const x = program.binary('x');
  const y = program.column('y', { cost: 3, upper: 7 });
  // A variable that is named twice counts for the sum; one that cancels is left out.
  program.equal('first', [[1, x], [2, y], [1, x]], 4); // prettier-ignore
  program.atMost('second', [[5, y], [1, x], [-1, x]], 6); // prettier-ignore
  t.deepEqual(program.toSparse(), {
    columns: 2,
    rows: 2,
    cost: Float64Array.of(0, 3),
    lower: Float64Array.of(0, 0),
    upper: Float64Array.of(1, 7),
    integer: Int32Array.of(1, 0),
    rowLower: Float64Array.of(4, -Infinity),
    rowUpper: Float64Array.of(4, 6),
    starts: Int32Array.of(0, 1, 3),
    indices: Int32Array.of(0, 0, 1),
    values: Float64Array.of(2, 2, 5),
  });
});

/** Two equal layers, two stages, two strategies that trade time for memory. */
const problem: Problem = {
  stages: 2,
  microBatches: 3,
  boundaryWeight: 1,
  memoryLimit: [9, 9],
  layers: Array.from({ length: 2 }, () => ({
    name: 'block',
    time: [[1, 2], [1, 2]],
    memory: [[4, 2], [4, 2]],
    buffers: [[1, 3], [1, 3]],
    perIteration: [[0, 0], [0, 0]],
  })), // prettier-ignore
  reshard: [[[0, 0.5], [0.5, 0]]], // prettier-ignore
  transfer: [[[0.25, 1], [1, 0.25]]], // prettier-ignore
};

test('the path form, as written', (t) => {
  t.snapshot(pathForm(problem, usableStates(problem), { timeUnit: 1, cutoff: 9 }).program.toString());
});

test('the grouped form, as written', (t) => {
  t.snapshot(groupedForm(problem, usableStates(problem), { timeUnit: 1, cutoff: 9 }).program.toString());
});
