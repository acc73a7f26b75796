import test from 'ava';
import { groupsOf } from '../../src/planner/groups.ts';
import type { LayerCosts, Matrix, Problem } from '../../src/planner/problem.ts';
import { usableStates } from '../../src/planner/states.ts';

const block = (time: readonly number[]): LayerCosts => ({
  name: 'block',
  time: [time],
  // Leaner as it gets slower, so that no strategy is dominated.
  memory: [time.map((_, k) => time.length - k)],
  buffers: [time.map(() => 0)],
  perIteration: [time.map(() => 0)],
});

function problemOf(layers: readonly LayerCosts[], reshard: Matrix, transfer: Matrix = reshard): Problem {
  const edges = (matrix: Matrix): Matrix[] => layers.slice(1).map(() => matrix);
  return {
    stages: 1,
    microBatches: 1,
    boundaryWeight: 1,
    memoryLimit: [100],
    layers,
    reshard: edges(reshard),
    transfer: edges(transfer),
  };
}

function sizes(problem: Problem): number[] {
  return groupsOf(problem, usableStates(problem)).map(({ size }) => size);
}

const metric: Matrix = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]; // prettier-ignore
const [a, b] = [block([1, 2, 3]), block([2, 3, 4])];

test('runs of equal layers are groups, whether or not they share their arrays', (t) => {
  t.deepEqual(sizes(problemOf([b, a, a, block([1, 2, 3]), b, b], metric)), [1, 3, 2]);
});

test('a run ends where a buffer differs', (t) => {
  const other = { ...a, buffers: [[0, 0, 1]] };
  t.deepEqual(sizes(problemOf([a, a, other, other, other], metric)), [2, 3]);
});

test('a run ends where an edge inside it differs', (t) => {
  const problem = problemOf([a, a, a, a], metric);
  const [edge = metric] = problem.reshard;
  t.deepEqual(sizes({ ...problem, reshard: [edge, metric.map((row) => row.map((cost) => 2 * cost)), edge] }), [2, 2]);
});

test('without the triangle inequality, every layer is alone', (t) => {
  t.deepEqual(sizes(problemOf([a, a, a], [[0, 1, 3], [1, 0, 1], [3, 1, 0]])), [1, 1, 1]); // prettier-ignore
});

test('where staying costs something, every layer is alone', (t) => {
  t.deepEqual(sizes(problemOf([a, a, a], [[0, 1, 2], [1, 0.1, 1], [2, 1, 0]])), [1, 1, 1]); // prettier-ignore
});

test('nothing is asked of the transfers between stages', (t) => {
  t.deepEqual(sizes(problemOf([a, a, a], metric, [[7, 1, 9], [1, 0, 1], [9, 1, 3]])), [3]); // prettier-ignore
});

test('strategies that no edge tells apart are one class', (t) => {
  const twoClasses: Matrix = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]; // prettier-ignore
  const problem = problemOf([a, a], twoClasses);
  t.deepEqual(groupsOf(problem, usableStates(problem)), [{ first: 0, size: 2, classes: [[0, 2], [1]] }]);
});

test('six classes are too many for subtour constraints', (t) => {
  const six = block([1, 2, 3, 4, 5, 6]);
  const apart = six.time[0]?.map((_, k) => six.time[0]?.map((__, l) => Math.abs(k - l)) ?? []) ?? [];
  t.deepEqual(sizes(problemOf([six, six], apart)), [1, 1]);
});
